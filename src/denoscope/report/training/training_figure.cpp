#include "denoscope/report/training/training_figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <vector>

#include "denoscope/base/error.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/files/csv.h"
#include "denoscope/files/json.h"
#include "denoscope/report/plots/gnuplot.h"
#include "denoscope/report/plots/palette.h"
#include "denoscope/report/plots/panels.h"
#include "denoscope/report/plots/words.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

struct Metrics {
  Table table;  // step, loss, best (0 or 1), then the ratio to Wiener's error by noise level
  std::vector<double> sigmas;
  double best_step = 0;
};

std::string RatioName(double sigma) { return fmt::format("ratio_{:g}", sigma); }

void AddLine(const Json& line, Metrics& metrics) {
  std::vector<double> row = {line.at("step"), line.at("loss")};
  if (line.at("best").get<bool>()) metrics.best_step = line.at("step");
  for (const Json& point : line.at("validation")) {
    if (metrics.table.rows.empty()) metrics.sigmas.push_back(point.at("sigma"));
    row.push_back(point.at("mse").get<double>() / point.at("wiener_mse").get<double>());
  }
  if (row.size() != metrics.sigmas.size() + 2)
    throw Error("{} noise levels, expected {}", row.size() - 2, metrics.sigmas.size());
  AddRow(metrics.table, row);
}

Metrics ReadMetrics(const fs::path& path) {
  std::istringstream lines(ReadFile(path));
  Metrics metrics;
  std::size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    try {
      AddLine(Json::parse(line), metrics);
    } catch (const std::exception& e) {
      throw Error("metrics '{}': line {}: {}", path.string(), number, e.what());
    }
  }
  if (metrics.table.rows.empty())
    throw Error("metrics '{}': no line, expected one a validation", path.string());
  metrics.table.columns = {"step", "loss"};
  for (const double sigma : metrics.sigmas) metrics.table.columns.push_back(RatioName(sigma));
  return metrics;
}

}  // namespace

Figure TrainingFigure(const fs::path& model_folder) {
  const Metrics metrics = ReadMetrics(model_folder / "metrics.jsonl");
  const Canvas canvas = {model_folder / "figures"};
  fs::create_directories(canvas.folder);
  const Panels panels(canvas, 2, {12});
  Plot ratios;
  for (std::size_t i = 0; i < metrics.sigmas.size(); ++i)
    ratios.Add(
        fmt::format(
            "'training.csv' using \"step\":\"{}\" with linespoints pt 7 ps 0.7 lw 1.5 lc rgb '{}'",
            RatioName(metrics.sigmas[i]),
            OrderedColour(i, metrics.sigmas.size())),
        "σ = " + SigmaText(metrics.sigmas[i]));
  ratios.Add("1 with lines dt (8,5) lw 1.2 " + Rgb(kGrey25), "Wiener");
  const std::string best = fmt::format(
      "set arrow 1 from {0}, graph 0 to {0}, graph 1 nohead dt (4,4) lw 1 " + Rgb(kGrey38) + "\n",
      metrics.best_step);
  const std::string commands =
      best +
      "set xrange [0:*]\nset xlabel 'step'\nset logscale y\nset format y '%g'\nset ylabel "
      "'training loss'\n" +
      panels.Place(0, "smoothed over about 50 steps") +
      "plot 'training.csv' using \"step\":\"loss\" with linespoints pt 7 ps 0.7 lw 1.5 " +
      Rgb(kBlue) + "\nset ylabel\n" + panels.Place(1, "held-out MSE over Wiener's") +
      ratios.Command();
  return {
      Draw(canvas, panels.Whole("training", commands, ratios, {{"training.csv", metrics.table}})),
      fmt::format("Training loss, and the error of the averaged weights on held-out images over "
                  "that of the Wiener denoiser of the images trained on; the model is that of "
                  "step {} (dashed), the best by the mean logarithm of these ratios.",
                  metrics.best_step)};
}

}  // namespace denoscope
