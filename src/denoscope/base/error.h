// Trouble of the first kind: misuse or a bad file throws an Error whose message names the subject,
// what was expected and what was found, in lower case and without a full stop.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace denoscope {

class Error : public std::runtime_error {
 public:
  template <typename... Args>
  explicit Error(fmt::format_string<Args...> format, Args&&... args)
      : std::runtime_error(fmt::format(format, std::forward<Args>(args)...)) {}
};

// The user asked for something that the command line cannot mean: exit code 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

// Work stopped on request, in a state from which the same command resumes: exit code 130.
class Interrupted : public Error {
 public:
  using Error::Error;
};

}  // namespace denoscope
