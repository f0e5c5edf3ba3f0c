#include "denoscope/report/page/page_data.h"

#include <optional>
#include <sstream>

#include "denoscope/report/page/page_cells.h"
#include "denoscope/report/page/page_modes.h"
#include "denoscope/report/page/page_paths.h"
#include "denoscope/report/page/page_tables.h"
#include "denoscope/report/run_kinds.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;

// A damaged run has many such lines, and they all say the same.
constexpr std::size_t kMostNotes = 30;

Json Manifest(const fs::path& run, Json& notes) {
  try {
    Json manifest = ReadJson(run / "run.json");
    if (manifest.is_object()) return manifest;
    notes.push_back("run.json holds no object: what was asked for is not known");
  } catch (const std::exception& e) {
    notes.push_back(e.what());
  }
  return Json::object();
}

std::string TextAt(const Json& json, const std::string& key) {
  if (!json.is_object() || !json.contains(key)) return "";
  const Json& value = json[key];
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);)
    if (!line.empty()) lines.push_back(line);
  return lines;
}

void AddFacts(Json& facts, const std::string& at, const Json& value) {
  constexpr std::size_t kLongest = 300;
  if (value.is_object()) {
    for (const auto& [key, inside] : value.items())
      AddFacts(facts, at.empty() ? key : at + "." + key, inside);
    return;
  }
  const std::string text = value.is_string()
                               ? value.get<std::string>()
                               : value.dump(-1, ' ', false, Json::error_handler_t::replace);
  facts.push_back({at, text.size() > kLongest ? text.substr(0, kLongest) + " .." : text});
}

Json Facts(const Json& manifest) {
  Json facts = Json::array();
  for (const auto& [key, value] : manifest.items())
    if (key != "kind" && key != "command") AddFacts(facts, key == "identity" ? "" : key, value);
  return facts;
}

std::string Title(const Json& manifest, const fs::path& run) {
  std::string subject;
  if (manifest.contains("identity") && manifest["identity"].is_object())
    subject = SubjectOf(manifest["identity"]);
  if (subject.empty()) subject = fs::absolute(run).lexically_normal().filename().string();
  const RunKind* kind = FindRunKind(TextAt(manifest, "kind"));
  return kind == nullptr || kind->topic.empty() ? subject : kind->topic + ": " + subject;
}

std::optional<RunFolder> Opened(const fs::path& run, Json& notes) {
  try {
    return RunFolder::Open(run);
  } catch (const std::exception& e) {
    notes.push_back(fmt::format("{}; cells are not read", e.what()));
    return std::nullopt;
  }
}

}  // namespace

Json PageData(const PageInput& input) {
  Json notes = Json::array();
  for (const std::string& note : input.notes) notes.push_back(note);
  const Json manifest = Manifest(input.run, notes);
  Json data = {{"kind", TextAt(manifest, "kind")},
               {"title", Title(manifest, input.run)},
               {"status", TextAt(manifest, "status")},
               {"notes", nullptr},
               {"findings", Lines(input.findings)},
               {"facts", Facts(manifest)},
               {"command", TextAt(manifest, "command")},
               {"tables", PageTables(input.run, notes)},
               {"cells", nullptr},
               {"modes", nullptr},
               {"paths", nullptr}};
  const RunKind* kind = FindRunKind(TextAt(manifest, "kind"));
  const RunCells cells = kind == nullptr ? RunCells::kNone : kind->cells;
  if (const auto run = cells != RunCells::kNone ? Opened(input.run, notes) : std::nullopt) {
    data["cells"] = PageCells(input.run, manifest, notes);
    data["modes"] = PageModes(*run, notes);
    if (cells == RunCells::kOfPaths) data["paths"] = PagePaths(input.run, notes);
  }
  if (notes.size() > kMostNotes) {
    const std::size_t more = notes.size() - kMostNotes;
    notes.erase(notes.begin() + kMostNotes, notes.end());
    notes.push_back(fmt::format("and {} more like these", more));
  }
  data["notes"] = std::move(notes);
  return data;
}

}  // namespace denoscope
