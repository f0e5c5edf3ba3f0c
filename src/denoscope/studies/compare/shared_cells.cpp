#include "denoscope/studies/compare/shared_cells.h"

#include <algorithm>
#include <tuple>

#include "denoscope/base/even_choice.h"
#include "denoscope/results/compare_columns.h"

namespace denoscope {
namespace {

constexpr std::size_t kMostLevels = 6;  // of the pictures

class CellsOfRuns {
 public:
  explicit CellsOfRuns(const std::vector<ComparedRun>& runs) {
    for (const ComparedRun& run : runs) folders_.push_back(RunFolder::Open(run.path));
    names_ = folders_.front().ImageCellNames();
    for (const RunFolder& folder : folders_) {
      const std::vector<std::string> own = folder.ImageCellNames();
      names_.erase(std::remove_if(names_.begin(),
                                  names_.end(),
                                  [&](const std::string& name) {
                                    return !std::binary_search(own.begin(), own.end(), name);
                                  }),
                   names_.end());
    }
  }

  const std::vector<std::string>& Names() const { return names_; }

  // One a run; nothing where their noisy images differ.
  std::vector<Cell> Read(const std::string& name) const {
    std::vector<Cell> cells;
    for (const RunFolder& folder : folders_) {
      const std::filesystem::path path = folder.CellPath(name);
      cells.push_back(CellFromNpz(ReadNpz(path), path.string()));
      if (cells.back().noisy.bytes != cells.front().noisy.bytes) return {};
    }
    return cells;
  }

 private:
  std::vector<RunFolder> folders_;
  std::vector<std::string> names_;
};

void AddRows(const std::vector<ComparedRun>& runs, const std::vector<Cell>& cells, Table& rows) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const Cell& cell = cells[i];
    std::vector<double> numbers = {
        static_cast<double>(cell.image), cell.sigma, static_cast<double>(cell.draw)};
    for (const auto& [name, value] : Scalars(cell.deep)) numbers.push_back(value);
    AddRow(rows, {std::to_string(i), runs[i].label}, numbers);
  }
}

// Names sort as texts: 13.3 before 2.
void SortRows(Table& rows) {
  const std::size_t image = rows.Column("image"), draw = rows.Column("draw"),
                    sigma = rows.Column("sigma");
  const auto key = [&](const std::vector<std::string>& row) {
    return std::make_tuple(std::stod(row[image]), std::stod(row[draw]), std::stod(row[sigma]));
  };
  std::stable_sort(rows.rows.begin(), rows.rows.end(), [&](const auto& a, const auto& b) {
    return key(a) < key(b);
  });
}

struct PictureLevel {
  double sigma = 0;
  std::string name;  // of its cells
};

// Arrays one after the other along new leading dimensions.
class Stack {
 public:
  void Add(const Array& array) {
    const std::vector<double> values = array.AsDoubles();
    values_.insert(values_.end(), values.begin(), values.end());
    shape_ = array.shape;
  }
  Array Whole(Shape leading) const {
    leading.insert(leading.end(), shape_.begin(), shape_.end());
    return Array::From<float>(leading, std::vector<float>(values_.begin(), values_.end()));
  }

 private:
  std::vector<double> values_;
  Shape shape_;
};

Npz Pictures(const CellsOfRuns& runs, const std::vector<PictureLevel>& all) {
  std::vector<PictureLevel> levels;
  for (const std::size_t i : EvenChoice(all.size(), kMostLevels)) levels.push_back(all[i]);
  std::vector<std::vector<Cell>> cells;
  std::vector<double> sigmas;
  for (const PictureLevel& level : levels) {
    cells.push_back(runs.Read(level.name));
    sigmas.push_back(level.sigma);
  }
  const auto S = static_cast<std::int64_t>(levels.size());
  const auto R = static_cast<std::int64_t>(cells.front().size());
  Stack noisy, denoised, eigenvalues;
  for (const std::vector<Cell>& level : cells) noisy.Add(level.front().noisy);
  for (std::size_t run = 0; run < cells.front().size(); ++run)
    for (const std::vector<Cell>& level : cells) {
      denoised.Add(level[run].denoised);
      const Eigen::VectorXd& mu = level[run].deep.eigenvalues;
      eigenvalues.Add(Array::From<double>({mu.size()}, mu.data()));
    }
  const Cell& first = cells.front().front();
  return {{"image", Array::From<std::int64_t>({}, &first.image)},
          {"sigma", Array::From<double>({S}, sigmas)},
          {"clean", first.clean},
          {"noisy", noisy.Whole({S})},
          {"denoised", denoised.Whole({R, S})},
          {"eigenvalues", eigenvalues.Whole({R, S})}};
}

}  // namespace

SharedCells FindSharedCells(const std::vector<ComparedRun>& runs) {
  const CellsOfRuns of_runs(runs);
  SharedCells shared;
  std::vector<std::string> scalars;
  for (const auto& [name, value] : Scalars(Spectrum())) scalars.push_back(name);
  shared.rows = kComparisonCells.Empty(scalars);
  std::vector<PictureLevel> pictured;  // of the first image and draw
  std::int64_t image = -1, draw = -1;
  for (const std::string& name : of_runs.Names()) {
    const std::vector<Cell> cells = of_runs.Read(name);
    if (cells.empty()) continue;
    AddRows(runs, cells, shared.rows);
    if (image < 0) image = cells.front().image, draw = cells.front().draw;
    if (cells.front().image == image && cells.front().draw == draw)
      pictured.push_back({cells.front().sigma, name});
  }
  SortRows(shared.rows);
  std::sort(pictured.begin(), pictured.end(), [](const PictureLevel& a, const PictureLevel& b) {
    return a.sigma < b.sigma;
  });
  if (!pictured.empty()) shared.pictures = Pictures(of_runs, pictured);
  return shared;
}

}  // namespace denoscope
