// denoscope convert: a denoiser from one kind of file into another.
#include <fmt/format.h>

#include <memory>

#include "denoscope/base/error.h"
#include "denoscope/denoise/script_network.h"
#include "denoscope/files/atomic_file.h"
#include "denoscope/models/conversion_card.h"
#include "tools/arguments/model_argument.h"
#include "tools/commands/commands.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

struct Arguments {
  ModelArguments model;
  std::string to, out;
};

void Run(const Arguments& a, const SharedFlags& flags) {
  const LoadedModel model = OpenNetwork(a.model);
  if (fs::exists(a.out) && !flags.force)
    throw Error("file '{}': exists, use --force to replace it", a.out);
  if (a.to == "torchscript") {
    ExportTorchScript(*model.denoiser, a.out);
  } else if (a.to == "safetensors") {
    ExportSafetensors(model, a.out);
  } else {
    if (fs::exists(a.out) && !fs::exists(fs::path(a.out) / "model.json"))
      throw Error("folder '{}': exists and is not a model, nothing was changed", a.out);
    SaveModel(a.out, model.description, *model.denoiser->Wrapped());
    WriteFile(fs::path(a.out) / "README.md",
              ConversionCard(
                  model, fs::path(a.out).filename().string(), a.model.model, flags.command_line));
  }
  if (flags.json)
    fmt::print("{}\n",
               Json({{"out", a.out},
                     {"to", a.to},
                     {"architecture", model.description.architecture},
                     {"parameters", model.parameters}})
                   .dump(2));
  else
    fmt::print("{}: {} of {} parameters, as {}\n",
               a.out,
               model.description.architecture,
               model.parameters,
               a.to);
}

}  // namespace

void AddConvertCommand(Command program, SharedFlags& flags) {
  Command command = program.AddCommand(
      "convert", "a denoiser to TorchScript (D itself), safetensors or a model folder");
  auto a = std::make_shared<Arguments>();
  AddModelFlags(command, a->model).Required();
  command.Add("--to", a->to, "folder, torchscript or safetensors")
      .OneOf({"folder", "torchscript", "safetensors"})
      .Required();
  command.Add("--out", a->out, "file or folder to write").Required();
  AddSharedFlags(command, flags);
  AddForceFlag(command, flags);
  command.OnRun([a, &flags] { Run(*a, flags); });
}

}  // namespace denoscope
