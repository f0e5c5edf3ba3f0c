#include "tools/arguments/command.h"

#include <CLI/CLI.hpp>
#include <utility>

namespace denoscope {

Flag Flag::Required() {
  option_->required();
  return *this;
}

Flag Flag::ShowDefault() {
  option_->capture_default_str();
  return *this;
}

Flag Flag::OneOf(const std::vector<std::string>& values) {
  option_->check(CLI::IsMember(values));
  return *this;
}

Flag Flag::Between(int least, int most) {
  option_->check(CLI::Range(least, most));
  return *this;
}

bool Flag::WasGiven() const { return option_->count() > 0; }

Command Command::AddCommand(const std::string& name, const std::string& what) {
  app_->require_subcommand(1);
  return Command(*app_->add_subcommand(name, what));
}

Flag Command::Add(const std::string& name, std::string& value, const std::string& what) {
  return Flag(app_->add_option(name, value, what));
}

Flag Command::Add(const std::string& name,
                  std::vector<std::string>& values,
                  const std::string& what) {
  return Flag(app_->add_option(name, values, what));
}

Flag Command::Add(const std::string& name, int& value, const std::string& what) {
  return Flag(app_->add_option(name, value, what));
}

Flag Command::Add(const std::string& name, std::int64_t& value, const std::string& what) {
  return Flag(app_->add_option(name, value, what));
}

Flag Command::Add(const std::string& name, std::uint64_t& value, const std::string& what) {
  return Flag(app_->add_option(name, value, what));
}

Flag Command::Add(const std::string& name, double& value, const std::string& what) {
  return Flag(app_->add_option(name, value, what));
}

Flag Command::Add(const std::string& name, std::optional<double>& value, const std::string& what) {
  return Flag(app_->add_option(name, value, what));
}

void Command::Add(const std::string& name, bool& value, const std::string& what) {
  app_->add_flag(name, value, what);
}

void Command::OnParsed(std::function<void()> check) {
  app_->parse_complete_callback(std::move(check));
}

void Command::OnRun(std::function<void()> run) { app_->callback(std::move(run)); }

std::string Command::Name() const { return app_->get_name(); }

}  // namespace denoscope
