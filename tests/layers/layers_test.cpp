// Holds every #include of the library against the table of layers: Debian's Torch headers lie in
// the system path, so that the compiler alone would let any layer see them.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

struct Layer {
  Names layers, libraries;
};

const std::map<std::string, Layer>& Table() {
  static const std::map<std::string, Layer> table = {
      {"base", {{}, {}}},
      {"files", {{"base"}, {"zlib", "libdeflate", "json", "openssl"}}},
      {"ranks", {{"base"}, {"mpi"}}},
      {"linalg", {{"ranks"}, {"eigen", "lapack", "elpa"}}},
      {"theory", {{"linalg"}, {}}},
      {"results", {{"files"}, {"eigen"}}},
      {"image", {{"files"}, {"eigen", "torch", "opencv"}}},
      {"data", {{"image", "theory", "files"}, {}}},
      {"denoise", {{"image", "theory", "files"}, {}}},
      {"training", {{"denoise", "data", "ranks"}, {}}},
      {"jacobian", {{"denoise", "linalg", "files"}, {}}},
      {"sampling", {{"denoise", "theory"}, {}}},
      {"analysis", {{"jacobian", "sampling", "theory", "data", "results"}, {}}},
      {"report", {{"results", "image"}, {}}},
  };
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
  static const std::regex full_path("denoscope/([a-z_]+)/[a-z0-9_]+\\.h");
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
  static const std::regex place("denoscope/([a-z_]+)/[a-z0-9_]+\\.(h|cpp|c)");
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

std::string Content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
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

TEST(Layers, EveryFolderIsALayer) {
  const Names banned = {"utils", "util", "common", "helpers"};
  for (const auto& entry : fs::recursive_directory_iterator(SourceRoot())) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_directory()) continue;
    EXPECT_EQ(banned.count(name), 0u) << entry.path();
    if (entry.path().parent_path() == SourceRoot() / "denoscope") {
      EXPECT_EQ(Table().count(name), 1u) << entry.path() << " is not in the table";
    }
  }
}

TEST(Layers, LowerLayersNeverSeeTorchOrOpenCV) {
  for (const std::string layer : {"base", "files", "ranks", "linalg", "theory", "results"}) {
    EXPECT_EQ(Reach(layer).libraries.count("torch"), 0u) << layer;
    EXPECT_EQ(Reach(layer).libraries.count("opencv"), 0u) << layer;
  }
}

TEST(Layers, PlantedViolationsAreCaught) {
  const auto caught = [](const std::string& layer, const std::string& line) {
    return Violations("denoscope/" + layer + "/x.cpp", "#pragma once\n" + line + "\n").size() == 1;
  };
  EXPECT_TRUE(caught("theory", "#include <torch/torch.h>"));
  EXPECT_TRUE(caught("linalg", "#include <ATen/ATen.h>"));
  EXPECT_TRUE(caught("results", "  #  include  <c10/util/Half.h>  // why"));
  EXPECT_TRUE(caught("files", "#include <opencv2/core.hpp>"));
  EXPECT_TRUE(caught("base", "#include <Eigen/Dense>"));
  EXPECT_TRUE(caught("linalg", "#include <zlib.h>"));
  EXPECT_TRUE(caught("files", "#include <mpi.h>"));
  EXPECT_TRUE(caught("ranks", "#include <elpa/elpa.h>"));
  EXPECT_TRUE(caught("report", "#include <CLI/CLI.hpp>"));
  EXPECT_TRUE(caught("base", "#include <boost/any.hpp>"));
  EXPECT_TRUE(caught("base", "#include \"denoscope/files/npy.h\""));
  EXPECT_TRUE(caught("linalg", "#include \"denoscope/files/npy.h\""));
  EXPECT_TRUE(caught("files", "#include \"npy.h\""));
  EXPECT_TRUE(caught("files", "#include \"denoscope/files/absent.h\""));
  EXPECT_TRUE(caught("files", "#include HEADER"));
  EXPECT_TRUE(caught("nowhere", ""));
}

TEST(Layers, AllowedIncludesAreNotCaught) {
  const auto violations = Violations("denoscope/jacobian/x.cpp",
                                     "#include \"denoscope/base/error.h\"\n"
                                     "#include \"denoscope/files/npy.h\"\n"
                                     "#include <Eigen/Dense>\n"
                                     "#include <torch/torch.h>\n"
                                     "#include <fmt/format.h>\n"
                                     "#include <sys/stat.h>\n"
                                     "#include <unistd.h>\n"
                                     "// #include <CLI/CLI.hpp>\n");
  EXPECT_TRUE(violations.empty()) << violations.front();
}

}  // namespace
