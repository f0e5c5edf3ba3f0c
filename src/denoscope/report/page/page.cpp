#include "denoscope/report/page/page.h"

#include <algorithm>
#include <functional>
#include <map>

#include "denoscope/files/atomic_file.h"
#include "denoscope/files/base64.h"
#include "denoscope/files/temporary_files.h"
#include "denoscope/report/page/page_figures.h"
#include "denoscope/report/page/page_parts.h"
#include "denoscope/report/plots/tiles.h"
#include "denoscope/report/run_kinds.h"

namespace denoscope {
namespace {

namespace fs = std::filesystem;
using Slots = std::map<std::string, std::string, std::less<>>;

// One pass, so that what a slot is filled with is never looked into.
std::string Filled(std::string_view text, const Slots& slots) {
  std::string filled;
  while (true) {
    const std::size_t begin = text.find("{{"), end = text.find("}}");
    if (begin == std::string_view::npos) return filled.append(text);
    if (end == std::string_view::npos || end < begin)
      throw Error("page: a slot in the template has no end");
    const auto slot = slots.find(text.substr(begin + 2, end - begin - 2));
    if (slot == slots.end())
      throw Error("page: no slot '{}'", std::string(text.substr(begin + 2, end - begin - 2)));
    filled.append(text.substr(0, begin)).append(slot->second);
    text.remove_prefix(end + 2);
  }
}

// As a source of a content security policy; CSP hashes what stands between the tags.
std::string HashSource(std::string_view content) {
  return " 'sha256-" + Base64(Sha256Bytes(content)) + "'";
}

std::string Policy() {
  return "default-src 'none'; img-src data:; style-src" + HashSource(PageStyle()) +
         HashSource(PlotStyle()) + "; script-src" + HashSource(PlotLibrary()) +
         HashSource(PageScript()) + "; base-uri 'none'; form-action 'none'";
}

// Within a script element no text may open or close a tag or a comment.
std::string ScriptSafe(const Json& data) {
  std::string safe;
  for (const char c : data.dump(-1, ' ', false, Json::error_handler_t::replace))
    if (c == '<')
      safe += "\\u003c";
    else
      safe += c;
  return safe;
}

// Text that is not UTF-8 is mended on its way through JSON.
std::string Mended(const std::string& text) {
  const std::string quoted = Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
  return Json::parse(quoted).get<std::string>();
}

std::string Items(const Json& texts) {
  std::string html;
  for (const Json& text : texts) {
    const std::string line = text.get<std::string>();
    const bool heads = !line.empty() && line.back() == ':';
    html +=
        fmt::format("<li{}>{}</li>\n", heads ? " class=\"heading\"" : "", Escaped(Mended(line)));
  }
  return html;
}

// As it is printed where letters are not only those of ASCII.
std::string Typeset(std::string html) {
  const std::string plain = " +- ";
  for (std::size_t at = html.find(plain); at != std::string::npos; at = html.find(plain, at))
    html.replace(at, plain.size(), " ± ");
  return html;
}

std::string Notes(const Json& notes) {
  if (notes.empty()) return "";
  return "<section class=\"notes\" aria-label=\"What this page lacks\"><ul>\n" + Items(notes) +
         "</ul></section>\n";
}

}  // namespace

fs::path WritePage(const PageInput& input) {
  PageInput whole = input;
  const std::string figures = FiguresHtml(whole.figures, whole.notes);
  const Json data = PageData(whole);
  const std::string title = Escaped(Mended(data["title"].get<std::string>()));
  const Json& findings = data["findings"];
  const std::string status = data["status"].get<std::string>();
  fs::path page = input.run / kPageName;
  RemoveTemporaries(input.run, kPageName);
  WriteFile(page,
            Filled(PageTemplate(),
                   {{"policy", Policy()},
                    {"title", title},
                    {"kind", Escaped(Mended(data["kind"].get<std::string>()))},
                    {"status", status.empty() ? "" : " · " + Escaped(Mended(status))},
                    {"notes", Notes(data["notes"])},
                    {"findings",
                     findings.empty() ? "<li>no findings: there is nothing to tell yet</li>"
                                      : Typeset(Items(findings))},
                    {"figures", figures},
                    {"data", ScriptSafe(data)},
                    {"plot-style", std::string(PlotStyle())},
                    {"style", std::string(PageStyle())},
                    {"plot-library", std::string(PlotLibrary())},
                    {"script", std::string(PageScript())}}));
  return page;
}

fs::path WritePageOfParts(const fs::path& run, const std::string& why) {
  PageInput input = {run, {}, "", {why}};
  try {
    input.findings = Findings(RunFolder::Open(run));
  } catch (const std::exception& e) {
    if (why.find(e.what()) == std::string::npos)
      input.notes.push_back(fmt::format("no findings: {}", e.what()));
  }
  if (fs::is_directory(run / "figures"))
    for (const auto& entry : fs::directory_iterator(run / "figures"))
      if (IsFigure(entry.path()))
        input.figures.push_back({entry.path(), "Made before: " + entry.path().stem().string()});
  std::sort(input.figures.begin(), input.figures.end(), [](const Figure& a, const Figure& b) {
    return a.path < b.path;
  });
  return WritePage(input);
}

}  // namespace denoscope
