// Runs Python snippets, for tests that hold our files against NumPy's.
#pragma once

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <optional>
#include <string>

#include "tests/support/temp_dir.h"

namespace denoscope {

struct PythonResult {
  int status = -1;     // exit status, -1 when it did not exit
  std::string output;  // stdout and stderr
};

inline PythonResult RunCommand(const std::string& command) {
  PythonResult result;
  std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return result;
  std::array<char, 4096> buffer = {};
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe))
    result.output.append(buffer.data(), got);
  const int status = ::pclose(pipe);
  if (WIFEXITED(status)) result.status = WEXITSTATUS(status);
  return result;
}

// The first Python that can import NumPy, if any.
inline const std::optional<std::string>& NumpyPython() {
  static const std::optional<std::string> found = []() -> std::optional<std::string> {
    for (const std::string python : {"/usr/bin/python3", "python3"})
      if (RunCommand(python + " -c 'import numpy'").status == 0) return python;
    return std::nullopt;
  }();
  return found;
}

// The first Python that can import NumPy and Torch, if any.
inline const std::optional<std::string>& TorchPython() {
  static const std::optional<std::string> found = []() -> std::optional<std::string> {
    for (const std::string python : {"/usr/bin/python3", "python3"})
      if (RunCommand(python + " -c 'import numpy, torch'").status == 0) return python;
    return std::nullopt;
  }();
  return found;
}

// Runs the snippet with `folder` as working directory; ask NumpyPython() first.
inline PythonResult RunNumpy(const TempDir& folder, const std::string& snippet) {
  const auto script = folder.Path("snippet.py");
  std::ofstream(script) << "import numpy as np\n" << snippet;
  return RunCommand("cd '" + folder.Path().string() + "' && " + *NumpyPython() + " snippet.py");
}

// The same with Torch; ask TorchPython() first.
inline PythonResult RunTorch(const TempDir& folder, const std::string& snippet) {
  const auto script = folder.Path("snippet.py");
  std::ofstream(script) << "import numpy as np\nimport torch\n" << snippet;
  return RunCommand("cd '" + folder.Path().string() + "' && " + *TorchPython() + " snippet.py");
}

}  // namespace denoscope
