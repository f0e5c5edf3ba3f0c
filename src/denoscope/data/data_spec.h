// How a set of images is named: SOURCE[:OPTIONS][:reversed].
//
// SOURCE is a known name ("fashion-mnist", "gaussian") or a path; OPTIONS are NAME=VALUE or a bare
// NAME, separated by commas. A file or folder whose own name holds ':' is meant as it is.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace denoscope {

struct DataSpec {
  std::string text;                            // as given
  std::string source;                          // name or path
  std::map<std::string, std::string> options;  // a bare name has the value ""
  bool reversed = false;
};

// Throws on an empty source, an option without a name and one given twice.
DataSpec ParseDataSpec(const std::string& text);

// Reads the options of a spec, each by name with its default and legal range, and knows at the end
// which were not asked for. Bare names are flags, and only flags.
class SpecOptions {
 public:
  explicit SpecOptions(const DataSpec& spec) : spec_(spec) {}

  std::int64_t Integer(const std::string& name,
                       std::int64_t otherwise,
                       std::int64_t least,
                       std::int64_t most);
  double Number(const std::string& name, double otherwise, double least, double most);
  // VALUE+VALUE+..
  std::vector<double> Numbers(const std::string& name,
                              const std::vector<double>& otherwise,
                              double least,
                              double most);
  bool Flag(const std::string& name);

  // Throws, naming set and option.
  [[noreturn]] void Refuse(const std::string& name, const std::string& why) const;
  void Finish() const;  // throws on an option that was not read, naming those that were
  // Every option read, in that order, with its value: "size=32,seed=0". Equal texts, equal sets.
  const std::string& Canonical() const { return canonical_; }

 private:
  DataSpec spec_;
  std::vector<std::string> known_;
  std::string canonical_;

  const std::string* Find(const std::string& name);  // null when it was not given
  void Record(const std::string& name, const std::string& value);
  double Parse(const std::string& name, const std::string& text, double least, double most) const;
};

}  // namespace denoscope
