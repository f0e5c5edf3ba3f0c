// denoscope data: which sets of images there are, what they look like, and what must be made first.
#include <fmt/format.h>

#include <memory>

#include "denoscope/data/image_catalogue.h"
#include "denoscope/data/image_set.h"
#include "denoscope/files/json.h"
#include "denoscope/image/pixel_summary.h"
#include "denoscope/image/png.h"
#include "denoscope/report/plots/contact_sheet.h"
#include "tools/arguments/number_list.h"
#include "tools/commands/commands.h"
#include "tools/output/console.h"

namespace denoscope {
namespace {

struct Arguments {
  std::string spec, split = "train", out, images = "0-39";
};

void List(const SharedFlags& flags) {
  const std::vector<ListedSet> sets = AllImageSets();
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

void Show(const Arguments& a, const SharedFlags& flags) {
  const ImageSet set = LoadImageSet(a.spec, a.split, ProgressLine(flags));
  std::vector<std::int64_t> indices = ParseIntegers(a.images);
  if (a.images == Arguments().images && set.Count() < 40) indices.resize(set.Count());
  const torch::Tensor images = set.Images(indices);
  WritePng(a.out, ContactSheet(images));
  const ImageShape shape = set.ImageSize();
  const PixelSummary pixels = SummaryOf(images);
  if (flags.json) {
    const Json json = {{"picture", a.out},
                       {"set", set.Name()},
                       {"split", set.Split()},
                       {"sha256", set.Sha256()},
                       {"count", set.Count()},
                       {"shape", {shape.C, shape.H, shape.W}},
                       {"shown", images.size(0)},
                       {"low", pixels.low},
                       {"high", pixels.high},
                       {"mean", pixels.mean},
                       {"deviation", pixels.deviation}};
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
      pixels.low,
      pixels.high,
      pixels.mean,
      pixels.deviation);
}

void Prepare(const Arguments& a, const SharedFlags& flags) {
  const std::string size = PrepareImageSet(a.spec, ProgressLine(flags));
  if (flags.json)
    fmt::print("{}\n", Json{{"name", a.spec}, {"size", size}}.dump(2));
  else
    fmt::print("{}: {}\n", a.spec, size);
}

}  // namespace

void AddDataCommand(Command program, SharedFlags& flags) {
  Command data = program.AddCommand("data", "data sets: list, show, prepare");
  Command list = data.AddCommand("list", "the sets known by name, and where they are");
  AddSharedFlags(list, flags);
  list.OnRun([&flags] { List(flags); });

  Command show = data.AddCommand("show", "a sheet of a set's images");
  auto a = std::make_shared<Arguments>();
  show.Add("spec", a->spec, "the set, as for --data").Required();
  show.Add("--out", a->out, "PNG file to write").Required();
  show.Add("--split", a->split, "train or test").ShowDefault();
  show.Add("--images", a->images, "which images of the split").ShowDefault();
  AddSharedFlags(show, flags);
  show.OnRun([a, &flags] { Show(*a, flags); });

  Command prepare =
      data.AddCommand("prepare", "fetch and cut what a set is made of, into the cache");
  prepare.Add("spec", a->spec, "the set, as for --data").Required();
  AddSharedFlags(prepare, flags);
  prepare.OnRun([a, &flags] { Prepare(*a, flags); });
}

}  // namespace denoscope
