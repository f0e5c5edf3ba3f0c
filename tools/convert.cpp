// denoscope convert: a denoiser from one kind of file into another.
#include <fmt/format.h>

#include "denoscope/base/error.h"
#include "denoscope/denoise/script_network.h"
#include "denoscope/files/atomic_file.h"
#include "tools/command.h"
#include "tools/model_argument.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

struct Arguments {
  ModelArguments model;
  std::string to, out;
};

void WriteCard(const LoadedModel& model, const Arguments& a, const SharedFlags& flags) {
  const ModelDescription& d = model.description;
  std::string card = fmt::format(
      "# {}\n\nA denoiser of {} parameters, {}, output read as {}, sigma input {}, pixels on {:g} "
      "to "
      "{:g}{}.\n"
      "Converted from `{}` (sha256 {}) by\n\n    {}\n",
      fs::path(a.out).filename().string(),
      model.parameters,
      d.Text(),
      NameOf(d.parameterisation.prediction),
      SigmaInputText(d.parameterisation),
      d.parameterisation.range.low,
      d.parameterisation.range.high,
      d.parameterisation.clamp_input ? ", clamped" : "",
      a.model.model,
      model.sha256,
      flags.command_line);
  for (const std::string& note : model.notes) card += fmt::format("\n- {}", note);
  WriteFile(fs::path(a.out) / "README.md", card + (model.notes.empty() ? "" : "\n"));
}

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
    WriteCard(model, a, flags);
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

void AddConvertCommand(CLI::App& program, SharedFlags& flags) {
  CLI::App* command = program.add_subcommand(
      "convert", "a denoiser to TorchScript (D itself), safetensors or a model folder");
  auto a = std::make_shared<Arguments>();
  AddModelFlags(*command, a->model);
  command->add_option("--to", a->to, "folder, torchscript or safetensors")
      ->check(CLI::IsMember({"folder", "torchscript", "safetensors"}))
      ->required();
  command->add_option("--out", a->out, "file or folder to write")->required();
  AddSharedFlags(*command, flags);
  AddForceFlag(*command, flags);
  command->callback([a, &flags] { Run(*a, flags); });
}

}  // namespace denoscope
