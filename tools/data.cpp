// denoscope data: which sets of images there are, what they look like, and what must be made first.
#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>

#include "denoscope/data/idx_sets.h"
#include "denoscope/data/photos.h"
#include "denoscope/data/synthetic_images.h"
#include "denoscope/image/png.h"
#include "denoscope/image/tensors.h"
#include "denoscope/report/plots/tiles.h"
#include "tools/command.h"
#include "tools/fetch_packages.h"
#include "tools/number_list.h"

namespace denoscope {
namespace {

struct Arguments {
  std::string spec, split = "train", out, images = "0-39";
};

struct ListedSet {
  std::string name, about;
  std::string size;  // empty: not there
};

std::string SizeText(std::int64_t train, std::int64_t test, const ImageShape& s) {
  return fmt::format("{} + {} of {}x{}x{}", train, test, s.C, s.H, s.W);
}

std::string SizeText(const std::string& spec, const ProgressSink& progress) {
  const ImageSet train = LoadImageSet(spec, "train", progress);
  const ImageSet test = LoadImageSet(spec, "test", progress);
  return SizeText(train.Count(), test.Count(), train.ImageSize());
}

ListedSet Listed(const IdxSet& set) {
  try {
    const std::string path = FindIdxFile(set.name, "train").parent_path().string();
    return {set.name, "in " + path, SizeText(set.name, [](const Progress&) {})};
  } catch (const Error& e) {
    return {set.name, e.what(), ""};
  }
}

ListedSet ListedPhotos() {
  const std::string name = kPhotosName;
  const std::string about = "patches of photographs in Debian packages; options as of a folder";
  try {
    return {name, about, SizeText(name, [](const Progress&) {})};
  } catch (const Error& e) {
    return {name, fmt::format("{}; {}", about, e.what()), ""};
  }
}

std::vector<ListedSet> AllSets() {
  std::vector<ListedSet> sets;
  for (const IdxSet& set : IdxSets()) sets.push_back(Listed(set));
  sets.push_back(ListedPhotos());
  for (const SyntheticKind& kind : SyntheticKinds()) {
    const SyntheticImages images(ParseDataSpec(kind.name));
    sets.push_back({kind.name,
                    kind.summary + "; " + kind.options,
                    SizeText(images.Count("train"), images.Count("test"), images.Shape())});
  }
  return sets;
}

void List(const SharedFlags& flags) {
  const std::vector<ListedSet> sets = AllSets();
  if (flags.json) {
    Json json = Json::array();
    for (const ListedSet& set : sets)
      json.push_back({{"name", set.name}, {"size", set.size}, {"about", set.about}});
    fmt::print("{}\n", json.dump(2));
    return;
  }
  for (const ListedSet& set : sets)
    fmt::print(
        "{:<14} {:<26} {}\n", set.name, set.size.empty() ? "not there" : set.size, set.about);
  fmt::print(
      "A path: FILE.npy, FILE.npz, a folder with train.npy and test.npy, or a folder of pictures\n"
      "(size=N,centre,downscale=N,gray,colour,strict). SET:OPTIONS; SET:reversed mirrors its DCT "
      "spectrum.\n");
}

// Images in rows of ten, or as many as fit.
cv::Mat ContactSheet(const torch::Tensor& images) {
  constexpr std::size_t kColumns = 10;
  const Canvas canvas;
  TileGrid grid = MakeTileGrid(canvas, {images.size(1), images.size(2), images.size(3)}, 0);
  grid.left = kSheetMargin;
  const auto count = static_cast<std::size_t>(images.size(0));
  const std::size_t columns = ColumnsThatFit(canvas, grid, std::min(count, kColumns));
  const std::size_t rows = (count + columns - 1) / columns;
  Sheet sheet(canvas,
              grid.Left(columns) - kTileGap + kSheetMargin,
              2 * kSheetMargin + static_cast<double>(rows) * grid.RowHeight() - kTileGap);
  for (std::size_t i = 0; i < count; ++i) {
    const double top = kSheetMargin + static_cast<double>(i / columns) * grid.RowHeight();
    const Array image = ToArray(images[static_cast<std::int64_t>(i)]);
    sheet.Tile(ImagePicture(image), grid, grid.Left(i % columns), top);
  }
  return sheet.Tiles();
}

void Show(const Arguments& a, const SharedFlags& flags) {
  const ImageSet set = LoadImageSet(a.spec, a.split, ProgressLine(flags));
  std::vector<std::int64_t> indices = ParseIntegers(a.images);
  if (a.images == Arguments().images && set.Count() < 40) indices.resize(set.Count());
  const torch::Tensor images = set.Images(indices);
  WritePng(a.out, ContactSheet(images));
  const ImageShape shape = set.ImageSize();
  const double low = images.min().item<double>(), high = images.max().item<double>();
  const double mean = images.mean().item<double>();
  const double deviation = (images - images.mean()).square().mean().sqrt().item<double>();
  if (flags.json) {
    const Json json = {{"picture", a.out},
                       {"set", set.Name()},
                       {"split", set.Split()},
                       {"sha256", set.Sha256()},
                       {"count", set.Count()},
                       {"shape", {shape.C, shape.H, shape.W}},
                       {"shown", images.size(0)},
                       {"low", low},
                       {"high", high},
                       {"mean", mean},
                       {"deviation", deviation}};
    fmt::print("{}\n", json.dump(2));
    return;
  }
  fmt::print(
      "{}\n    {} of {} images ({},{},{}) of {} ({}), clipped to [0,1] where shown; values {:.3g} "
      "to {:.3g}, mean {:.3g}, deviation {:.3g}\n",
      a.out,
      images.size(0),
      set.Count(),
      shape.C,
      shape.H,
      shape.W,
      set.Name(),
      set.Split(),
      low,
      high,
      mean,
      deviation);
}

void Prepare(const Arguments& a, const SharedFlags& flags) {
  const DataSpec spec = ParseDataSpec(a.spec);
  const ProgressSink progress = ProgressLine(flags);
  if (spec.source == kPhotosName && !IsCached(PhotoSet(spec).canonical) && !PhotosArePresent())
    FetchPackages(PhotoPackages(), PhotoFolder(), progress);
  const std::string size = SizeText(a.spec, progress);
  if (flags.json)
    fmt::print("{}\n", Json{{"name", a.spec}, {"size", size}}.dump(2));
  else
    fmt::print("{}: {}\n", a.spec, size);
}

}  // namespace

void AddDataCommand(CLI::App& program, SharedFlags& flags) {
  CLI::App* data = program.add_subcommand("data", "data sets: list, show, prepare");
  data->require_subcommand(1);
  CLI::App* list = data->add_subcommand("list", "the sets known by name, and where they are");
  AddSharedFlags(*list, flags);
  list->callback([&flags] { List(flags); });

  CLI::App* show = data->add_subcommand("show", "a sheet of a set's images");
  auto a = std::make_shared<Arguments>();
  show->add_option("spec", a->spec, "the set, as for --data")->required();
  show->add_option("--out", a->out, "PNG file to write")->required();
  show->add_option("--split", a->split, "train or test")->capture_default_str();
  show->add_option("--images", a->images, "which images of the split")->capture_default_str();
  AddSharedFlags(*show, flags);
  show->callback([a, &flags] { Show(*a, flags); });

  CLI::App* prepare =
      data->add_subcommand("prepare", "fetch and cut what a set is made of, into the cache");
  prepare->add_option("spec", a->spec, "the set, as for --data")->required();
  AddSharedFlags(*prepare, flags);
  prepare->callback([a, &flags] { Prepare(*a, flags); });
}

}  // namespace denoscope
