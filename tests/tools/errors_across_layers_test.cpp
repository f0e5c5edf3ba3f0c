// Layers that meet only in the program, linked together and made to throw with what they work on at
// hand: of two types of one name the linker keeps one destructor, and an exception would run it on
// the other (tests/layers/one_definition_test.cpp).
#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>

#include "denoscope/emergence/mode_tracks.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/measure/calibration.h"
#include "denoscope/measure/evaluation.h"
#include "denoscope/report/page/page_cells.h"
#include "denoscope/studies/sweep/sweep.h"
#include "denoscope/training/trainer.h"
#include "tests/support/expect_error.h"
#include "tests/support/planted_denoiser.h"
#include "tests/support/synthetic_run.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_images.h"
#include "tests/support/tiny_network.h"

namespace denoscope {
namespace {

// Fails from the given call on: by then there is a batch before.
PlantedDenoiser FailingAt(int call, PlantedDenoiser::Map failure) {
  return PlantedDenoiser([calls = 0, call, failure = std::move(failure)](
                             const torch::Tensor& y, const torch::Tensor& smoothed) mutable {
    return ++calls < call ? smoothed : failure(y, smoothed);
  });
}

torch::Tensor Infinite(const torch::Tensor&, const torch::Tensor& smoothed) {
  return smoothed * std::numeric_limits<float>::infinity();
}

torch::Tensor Throwing(const torch::Tensor&, const torch::Tensor&) {
  throw std::runtime_error("planted");
}

class ErrorsAcrossLayers : public testing::Test {
 protected:
  ErrorsAcrossLayers() {
    evaluation_.images = 40;
    evaluation_.batch = 20;
  }

  void Evaluating(const Denoiser& denoiser) const {
    Evaluate({denoiser, nullptr, images_}, {}, {0.3, 0}, evaluation_);
  }
  void Calibrating(const Denoiser& denoiser) const {
    Calibrate({denoiser, nullptr, images_}, {}, {0.3, 0}, evaluation_);
  }

  const ImageSet images_ = TinyImages("test", 40);
  EvaluationOptions evaluation_;
  TempDir temp_;
};

// The story: a batch of an evaluation was destroyed as one of training, and the program crashed.
TEST_F(ErrorsAcrossLayers, OutputThatIsNotFiniteIsAnErrorOfOneLine) {
  for (const int call : {1, 2}) {
    ExpectError([&] { Evaluating(FailingAt(call, Infinite)); },
                {"denoiser 'planted'", "output is not finite"});
    ExpectError([&] { Calibrating(FailingAt(call, Infinite)); },
                {"denoiser 'planted'", "output is not finite"});
  }
}

TEST_F(ErrorsAcrossLayers, WhatADenoiserThrowsArrivesAsItIs) {
  for (const int call : {1, 2}) {
    EXPECT_THROW(Evaluating(FailingAt(call, Throwing)), std::runtime_error);
    EXPECT_THROW(Calibrating(FailingAt(call, Throwing)), std::runtime_error);
  }
}

TEST_F(ErrorsAcrossLayers, ABatchOfTrainingIsDestroyedAsOne) {
  TrainOptions options;
  options.steps = 3;
  options.batch = 8;
  options.optimizer.learning_rate = 1e30;
  options.warmup = 0;
  options.validation_images = 10;
  ExpectError(
      [&] {
        Train(TinyDescription("conditioned"),
              images_,
              options,
              temp_.Path("model"),
              [](const Progress&) {});
      },
      {"training", "not finite"});
}

TEST_F(ErrorsAcrossLayers, AStudyPassesOnWhatItsMeasurementThrows) {
  const PlantedDenoiser denoiser = FailingAt(2, Infinite);
  SweepOptions options;
  options.images = {0};
  options.sigmas = {0.1, 0.5};
  options.modes = 5;
  options.evaluation = evaluation_;
  const auto pca = std::make_shared<const Pca>(PcaOf(TinyImages("train", 100)));
  const AnalysisInput input = {
      denoiser, images_, pca, "training hash", "no reason", {}, {{"name", "planted"}}, {}};
  ExpectError([&] { RunSweep(input, options, {temp_.Path("run")}); }, {"output is not finite"});
}

TEST_F(ErrorsAcrossLayers, ASeriesOfCellsIsDestroyedAsOne) {
  std::vector<Cell> cells = MakeSyntheticRun(temp_.Path("run"), SyntheticRun()).ReadCells();
  for (Cell& cell : cells) cell.deep.eigenvectors(0, 0) = std::numeric_limits<float>::quiet_NaN();
  ExpectError([&] { TrackModes(SeriesOf(cells).front()); }, {"a score is not finite"});
}

TEST_F(ErrorsAcrossLayers, APageLeavesOutACellThatCannotBeRead) {
  const RunFolder run = MakeSyntheticRun(temp_.Path("run"), SyntheticRun());
  const std::filesystem::path cells = temp_.Path("run") / "cells";
  const std::filesystem::path damaged = cells / "img-00001_sig-0.400000_draw-00.npz";
  ASSERT_TRUE(std::filesystem::exists(damaged));
  WriteFile(damaged, "no archive");
  Json notes = Json::array();
  const Json page = PageCells(temp_.Path("run"), run.Manifest(), notes);
  EXPECT_EQ(page["series"].size(), 2u);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(notes[0].get<std::string>().find(damaged.filename().string()), std::string::npos)
      << notes;
}

}  // namespace
}  // namespace denoscope
