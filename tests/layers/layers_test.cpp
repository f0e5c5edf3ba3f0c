// Holds every #include of the library against the table of layers in the build: Debian's Torch
// headers lie in the system path, so that the compiler alone would let any layer see them. And the
// page on the architecture against both.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

struct Layer {
  Names layers, libraries;
};

std::string Content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The library behind a word of a USES list that names no layer.
std::string LibraryOf(const std::string& target) {
  static const std::map<std::string, std::string> libraries = {
      {"fmt::fmt", ""},
      {"ZLIB::ZLIB", "zlib"},
      {"${LIBDEFLATE_LIBRARY}", "libdeflate"},
      {"OpenSSL::Crypto", "openssl"},
      {"nlohmann_json::nlohmann_json", "json"},
      {"${LAPACKE_LIBRARY}", "lapack"},
      {"external_eigen", "eigen"},
      {"external_torch", "torch"},
      {"external_opencv", "opencv"},
  };
  const auto found = libraries.find(target);
  if (found == libraries.end()) throw std::runtime_error("no library is known of " + target);
  return found->second;
}

// The lines denoscope_layer(name USES ...) of the build.
std::map<std::string, Layer> ReadTable() {
  const std::string build =
      Content(fs::path(DENOSCOPE_SOURCE_DIR) / "src/denoscope/CMakeLists.txt");
  static const std::regex line("denoscope_layer\\(([a-z_/]+)([^)]*)\\)");
  std::map<std::string, Layer> table;
  for (std::sregex_iterator it(build.begin(), build.end(), line), end; it != end; ++it) {
    Layer& layer = table[(*it)[1]];
    std::istringstream words((*it)[2]);
    for (std::string word; words >> word;) {
      if (word == "USES") continue;
      if (table.count(word) > 0)
        layer.layers.insert(word);
      else if (const std::string library = LibraryOf(word); !library.empty())
        layer.libraries.insert(library);
    }
  }
  // One file each sees these, where they are there: the build adds them.
  table.at("ranks").libraries.insert("mpi");
  table.at("linalg").libraries.insert("elpa");
  return table;
}

const std::map<std::string, Layer>& Table() {
  static const std::map<std::string, Layer> table = ReadTable();
  return table;
}

// The layer itself and all that it reaches, with their libraries.
Layer Reach(const std::string& name) {
  const Layer& own = Table().at(name);
  Layer reach = {{name}, own.libraries};
  for (const std::string& below : own.layers) {
    const Layer more = Reach(below);
    reach.layers.insert(more.layers.begin(), more.layers.end());
    reach.libraries.insert(more.libraries.begin(), more.libraries.end());
  }
  return reach;
}

bool StartsWith(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

// The outside library of a header in angle brackets; empty for std, POSIX and fmt, "unknown" for a
// folder that no line here names.
std::string Library(const std::string& header) {
  static const std::vector<std::pair<std::string, std::string>> prefixes = {
      {"torch/", "torch"},
      {"ATen/", "torch"},
      {"c10/", "torch"},
      {"opencv2/", "opencv"},
      {"Eigen/", "eigen"},
      {"unsupported/Eigen/", "eigen"},
      {"lapacke.h", "lapack"},
      {"cblas.h", "lapack"},
      {"mpi.h", "mpi"},
      {"elpa/", "elpa"},
      {"zlib.h", "zlib"},
      {"libdeflate.h", "libdeflate"},
      {"nlohmann/", "json"},
      {"openssl/", "openssl"},
      {"CLI/", "cli"},
      {"fmt/", ""},
      {"sys/", ""},
  };
  for (const auto& [prefix, library] : prefixes)
    if (StartsWith(header, prefix)) return library;
  return header.find('/') == std::string::npos ? "" : "unknown";
}

fs::path SourceRoot() { return fs::path(DENOSCOPE_SOURCE_DIR) / "src"; }

std::string CheckQuoted(const std::string& header, const Layer& reach) {
  static const std::regex full_path("denoscope/([a-z_/]+)/[a-z0-9_]+\\.h");
  std::smatch match;
  if (!std::regex_match(header, match, full_path)) return "expected \"denoscope/<layer>/<name>.h\"";
  if (!fs::exists(SourceRoot() / header)) return "there is no such file";
  if (reach.layers.count(match[1]) == 0) return "the layer may not use " + match[1].str();
  return "";
}

std::string CheckAngled(const std::string& header, const Layer& reach) {
  const std::string library = Library(header);
  if (library.empty() || reach.libraries.count(library) > 0) return "";
  return "the layer may not use the library " + library;
}

// What is wrong with the includes of a source file at `path` below src, one line each.
std::vector<std::string> Violations(const std::string& path, const std::string& text) {
  static const std::regex place("denoscope/([a-z_/]+)/[a-z0-9_]+\\.(h|cpp|c)");
  static const std::regex directive("^\\s*#\\s*include\\b\\s*(.*)$");
  static const std::regex operand("([<\"])([^>\"]+)[>\"].*");
  std::smatch match;
  if (!std::regex_match(path, match, place) || Table().count(match[1]) == 0)
    return {path + ": lies in no layer of the table"};
  const Layer reach = Reach(match[1]);
  std::vector<std::string> violations;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::smatch include;
    if (!std::regex_match(line, include, directive)) continue;
    const std::string what = include[1];
    std::string trouble = "expected a name in quotes or angle brackets";
    if (std::smatch header; std::regex_match(what, header, operand))
      trouble = header[1] == "<" ? CheckAngled(header[2], reach) : CheckQuoted(header[2], reach);
    if (!trouble.empty()) violations.push_back(path + ": " + what + ": " + trouble);
  }
  return violations;
}

TEST(Layers, EveryIncludeObeysTheTable) {
  int files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(SourceRoot() / "denoscope")) {
    const std::string extension = entry.path().extension().string();
    if (extension != ".h" && extension != ".cpp" && extension != ".c") continue;
    ++files;
    const std::string path = entry.path().lexically_relative(SourceRoot()).generic_string();
    for (const std::string& violation : Violations(path, Content(entry.path())))
      ADD_FAILURE() << violation;
  }
  EXPECT_GT(files, 10) << "the walk of " << SourceRoot() << " found next to nothing";
}

TEST(Layers, EveryFolderOfSourcesIsALayer) {
  const Names banned = {"utils", "util", "common", "helpers"};
  std::map<std::string, int> sources;
  for (const auto& entry : fs::recursive_directory_iterator(SourceRoot() / "denoscope")) {
    EXPECT_EQ(banned.count(entry.path().filename().string()), 0u) << entry.path();
    const std::string extension = entry.path().extension().string();
    if (extension == ".h" || extension == ".cpp")
      ++sources[entry.path()
                    .parent_path()
                    .lexically_relative(SourceRoot() / "denoscope")
                    .generic_string()];
  }
  for (const auto& [folder, count] : sources) {
    EXPECT_EQ(Table().count(folder), 1u) << folder << " is not in the table";
    EXPECT_LE(count, 40) << folder << " has outgrown one screen";
  }
  for (const auto& [layer, uses] : Table())
    EXPECT_EQ(sources.count(layer), 1u) << layer << " is in the table and has no sources";
}

// clang-format leaves comments alone, or it would pour formulas into prose.
TEST(Layers, CommentsFitTheirColumns) {
  for (const char* folder : {"src", "tools", "tests"})
    for (const auto& entry : fs::recursive_directory_iterator(SourceRoot() / ".." / folder)) {
      const std::string extension = entry.path().extension().string();
      if (extension != ".h" && extension != ".cpp") continue;
      if (entry.path().string().find("/node_modules/") != std::string::npos) continue;
      std::istringstream lines(Content(entry.path()));
      int number = 0;
      for (std::string line; std::getline(lines, line);) {
        ++number;
        const std::size_t begin = line.find_first_not_of(' ');
        if (begin == std::string::npos || line.compare(begin, 2, "//") != 0) continue;
        const auto columns = std::count_if(
            line.begin(), line.end(), [](char c) { return (c & 0xc0) != 0x80; });  // of UTF-8
        EXPECT_LE(columns, 100) << entry.path() << ": line " << number;
      }
    }
}

TEST(Layers, ColoursOfFiguresStandInThePalette) {
  static const std::regex colour("#[0-9a-fA-F]{6}\\b");
  int files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(SourceRoot() / "denoscope/report")) {
    const std::string extension = entry.path().extension().string();
    if ((extension != ".h" && extension != ".cpp") || entry.path().stem() == "palette") continue;
    ++files;
    std::istringstream lines(Content(entry.path()));
    for (std::string line; std::getline(lines, line);)
      for (std::sregex_iterator it(line.begin(), line.end(), colour), end; it != end; ++it)
        EXPECT_EQ(it->str(), "#ffffff") << entry.path() << ": " << line;
  }
  EXPECT_GT(files, 10);
}

TEST(Layers, LowerLayersNeverSeeTorchOrOpenCV) {
  for (const std::string layer : {"base",
                                  "files",
                                  "arrays",
                                  "weights",
                                  "ranks",
                                  "linalg",
                                  "theory/pca",
                                  "theory/frequency",
                                  "theory/spiked",
                                  "theory/optimal",
                                  "theory/diffusion",
                                  "results",
                                  "emergence",
                                  "studies/compare"}) {
    EXPECT_EQ(Reach(layer).libraries.count("torch"), 0u) << layer;
    EXPECT_EQ(Reach(layer).libraries.count("opencv"), 0u) << layer;
  }
}

TEST(Layers, PlantedViolationsAreCaught) {
  const auto caught = [](const std::string& layer, const std::string& line) {
    return Violations("denoscope/" + layer + "/x.cpp", "#pragma once\n" + line + "\n").size() == 1;
  };
  EXPECT_TRUE(caught("theory/optimal", "#include <torch/torch.h>"));
  EXPECT_TRUE(caught("linalg", "#include <ATen/ATen.h>"));
  EXPECT_TRUE(caught("results", "  #  include  <c10/util/Half.h>  // why"));
  EXPECT_TRUE(caught("files", "#include <opencv2/core.hpp>"));
  EXPECT_TRUE(caught("base", "#include <Eigen/Dense>"));
  EXPECT_TRUE(caught("linalg", "#include <zlib.h>"));
  EXPECT_TRUE(caught("files", "#include <mpi.h>"));
  EXPECT_TRUE(caught("ranks", "#include <elpa/elpa.h>"));
  EXPECT_TRUE(caught("report", "#include <CLI/CLI.hpp>"));
  EXPECT_TRUE(caught("base", "#include <boost/any.hpp>"));
  EXPECT_TRUE(caught("base", "#include \"denoscope/arrays/npy.h\""));
  EXPECT_TRUE(caught("linalg", "#include \"denoscope/arrays/npy.h\""));
  EXPECT_TRUE(caught("files", "#include \"npy.h\""));
  EXPECT_TRUE(caught("files", "#include \"denoscope/files/absent.h\""));
  EXPECT_TRUE(caught("files", "#include HEADER"));
  EXPECT_TRUE(caught("nowhere", ""));
}

TEST(Layers, AllowedIncludesAreNotCaught) {
  const auto violations = Violations("denoscope/jacobian/x.cpp",
                                     "#include \"denoscope/base/error.h\"\n"
                                     "#include \"denoscope/arrays/npy.h\"\n"
                                     "#include <Eigen/Dense>\n"
                                     "#include <torch/torch.h>\n"
                                     "#include <fmt/format.h>\n"
                                     "#include <sys/stat.h>\n"
                                     "#include <unistd.h>\n"
                                     "// #include <CLI/CLI.hpp>\n");
  EXPECT_TRUE(violations.empty()) << violations.front();
}

std::vector<std::string> Lines(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// What stands between backticks.
std::vector<std::string> Quoted(const std::string& text) {
  static const std::regex quoted("`([^`\n]+)`");
  std::vector<std::string> words;
  for (std::sregex_iterator it(text.begin(), text.end(), quoted), end; it != end; ++it)
    words.push_back((*it)[1]);
  return words;
}

// The rows "| `layer` | holds | may use |" of a page, layer to what it may use.
std::multimap<std::string, Names> RowsOf(const std::string& page) {
  static const std::regex row("\\| (`[a-z_/]+`) \\| [^|]+ \\|([^|]*)\\|");
  std::multimap<std::string, Names> rows;
  for (const std::string& line : Lines(page))
    if (std::smatch match; std::regex_match(line, match, row)) {
      const std::vector<std::string> used = Quoted(match[2]);
      rows.insert({Quoted(match[1]).front(), Names(used.begin(), used.end())});
    }
  return rows;
}

TEST(Architecture, HasOneRowForEachLayerWithWhatItMayUse) {
  const auto rows = RowsOf(Content(fs::path(DENOSCOPE_SOURCE_DIR) / "ARCHITECTURE.md"));
  for (const auto& [layer, in_build] : Table()) {
    EXPECT_EQ(rows.count(layer), 1u) << layer;
    if (const auto row = rows.find(layer); row != rows.end())
      EXPECT_EQ(row->second, in_build.layers) << layer;
  }
  EXPECT_EQ(rows.size(), Table().size()) << "a row of something that is no layer";
}

// Paths of files and folders that a page names in backticks or links to, but for what is made up:
// with a slash and a first folder that we have, or the name of a source alone.
std::vector<std::string> PathsIn(const std::string& page) {
  static const std::regex path("([A-Za-z0-9_.-]+)(/[A-Za-z0-9_.-]+)+"),
      source("[a-z0-9_]+\\.(h|cpp)");
  static const std::regex link("\\]\\(([A-Za-z0-9_./-]+)\\)");
  Names folders = {"src", "tools", "tests", "docs", "data"};
  for (const auto& [layer, in_build] : Table()) folders.insert(layer.substr(0, layer.find('/')));
  std::vector<std::string> paths;
  for (const std::string& word : Quoted(page)) {
    std::smatch match;
    if (word.find("NAME") != std::string::npos) continue;
    if (std::regex_match(word, match, path) ? folders.count(match[1]) > 0
                                            : std::regex_match(word, source))
      paths.push_back(word);
  }
  for (std::sregex_iterator it(page.begin(), page.end(), link), end; it != end; ++it)
    paths.push_back((*it)[1]);
  return paths;
}

Names SourceNames() {
  Names names;
  for (const char* folder : {"src", "tools", "tests"})
    for (const auto& entry : fs::recursive_directory_iterator(SourceRoot() / ".." / folder))
      names.insert(entry.path().filename().string());
  return names;
}

TEST(Architecture, PagesNameFilesThatAreThere) {
  const fs::path root = DENOSCOPE_SOURCE_DIR;
  const Names sources = SourceNames();
  for (const char* page : {"ARCHITECTURE.md", "CONTRIBUTING.md", "README.md"}) {
    const std::vector<std::string> paths = PathsIn(Content(root / page));
    EXPECT_FALSE(paths.empty()) << page;
    for (const std::string& path : paths)
      EXPECT_TRUE(fs::exists(root / path) || fs::exists(root / "src/denoscope" / path) ||
                  sources.count(path) > 0)
          << page << ": " << path;
  }
}

TEST(Architecture, PathsAreToldFromOtherWords) {
  const std::string page =
      "`src/a.h` `jacobian/b.h` `c_d.cpp` [e](f/g.md) but no `R/N`, `x.npy`, `studies/NAME/x.h`, "
      "`build/release/x`, `tools/a b`";
  EXPECT_EQ(PathsIn(page),
            (std::vector<std::string>{"src/a.h", "jacobian/b.h", "c_d.cpp", "f/g.md"}));
  const auto rows = RowsOf("| `a` | b `x`, c | |\n| `d/e` | f | `a`, `g/h` |\n| i | j | `a` |\n");
  EXPECT_EQ(rows, (std::multimap<std::string, Names>{{"a", {}}, {"d/e", {"a", "g/h"}}}));
}

}  // namespace
