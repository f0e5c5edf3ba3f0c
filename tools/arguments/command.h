// The flags of a command: what the commands see of CLI11, which is slow to compile.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace denoscope {

// A flag with a value, or a positional argument.
class Flag {
 public:
  explicit Flag(CLI::Option* option) : option_(option) {}

  Flag Required();
  Flag ShowDefault();  // in the help text: the value when it is called
  Flag OneOf(const std::vector<std::string>& values);
  Flag Between(int least, int most);
  bool WasGiven() const;

 private:
  CLI::Option* option_;
};

// A handle: copies are the same command.
class Command {
 public:
  explicit Command(CLI::App& app) : app_(&app) {}

  // From then on, this command is given with one of its subcommands.
  Command AddCommand(const std::string& name, const std::string& what);
  // "--name", or "name" of a positional argument. The value must outlive the command.
  Flag Add(const std::string& name, std::string& value, const std::string& what);
  Flag Add(const std::string& name, std::vector<std::string>& values, const std::string& what);
  Flag Add(const std::string& name, int& value, const std::string& what);
  Flag Add(const std::string& name, std::int64_t& value, const std::string& what);
  Flag Add(const std::string& name, std::uint64_t& value, const std::string& what);
  Flag Add(const std::string& name, double& value, const std::string& what);
  Flag Add(const std::string& name, std::optional<double>& value, const std::string& what);
  void Add(const std::string& name, bool& value, const std::string& what);  // without a value

  void OnParsed(std::function<void()> check);  // before anything runs
  void OnRun(std::function<void()> run);
  std::string Name() const;

 private:
  CLI::App* app_;
};

}  // namespace denoscope
