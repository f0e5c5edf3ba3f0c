#include "tools/arguments/number_list.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string_view>

#include "denoscope/base/error.h"
#include "denoscope/ranks/ranks.h"

namespace denoscope {
namespace {

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

template <typename T>
T Parse(std::string_view text, std::string_view list, const char* what) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    throw UsageError("list '{}': expected {}, found '{}'", list, what, text);
  return value;
}

double ParseNumber(std::string_view text, std::string_view list) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return Parse<double>(text, list, "a number");
  return Parse<double>(text.substr(0, slash), list, "a number") /
         Parse<double>(text.substr(slash + 1), list, "a number");
}

void AddSpaced(std::string_view part, std::string_view list, std::vector<double>& numbers) {
  const std::vector<std::string_view> fields = Split(part, ':');
  const std::string_view kind = fields.size() == 3 ? fields[2].substr(0, 3) : "";
  if (kind != "log" && kind != "lin")
    throw UsageError("list '{}': expected a:b:logN or a:b:linN, found '{}'", list, part);
  const double a = ParseNumber(fields[0], list);
  const double b = ParseNumber(fields[1], list);
  const auto n = Parse<std::int64_t>(fields[2].substr(3), list, "a count after log or lin");
  if (n < 1 || n > 100000 || (kind == "log" && !(a > 0 && b > 0)))
    throw UsageError(
        "list '{}': a count from 1 to 100000, and positive ends for log, expected in '{}'",
        list,
        part);
  for (std::int64_t i = 0; i < n; ++i) {
    const double t = n == 1 ? 0 : static_cast<double>(i) / static_cast<double>(n - 1);
    numbers.push_back(i == n - 1 && n > 1 ? b
                      : kind == "log"     ? a * std::pow(b / a, t)
                                          : a + (b - a) * t);
  }
}

std::int64_t SlurmNumber(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) throw UsageError("shard 'slurm': {} is not set", name);
  return Parse<std::int64_t>(value, std::string(name) + "=" + value, "an integer");
}

ShardChoice SlurmShard() {
  if (std::getenv("SLURM_ARRAY_TASK_ID") == nullptr && std::getenv("SLURM_PROCID") == nullptr)
    throw UsageError("shard 'slurm': expected SLURM_ARRAY_TASK_ID or SLURM_PROCID, found neither");
  const bool array = std::getenv("SLURM_ARRAY_TASK_ID") != nullptr;
  if (!array && Ranks::OfThisJob().Count() > 1)
    throw UsageError(
        "shard 'slurm': these {} tasks are ranks that share the cells without it; leave it out, or "
        "start them by srun --mpi=none",
        Ranks::OfThisJob().Count());
  const ShardChoice shard{
      array ? SlurmNumber("SLURM_ARRAY_TASK_ID") - SlurmNumber("SLURM_ARRAY_TASK_MIN")
            : SlurmNumber("SLURM_PROCID"),
      SlurmNumber(array ? "SLURM_ARRAY_TASK_COUNT" : "SLURM_NTASKS")};
  if (shard.index < 0 || shard.index >= shard.count)
    throw UsageError("shard 'slurm': expected tasks numbered one by one, found task {} of {}",
                     shard.index,
                     shard.count);
  return shard;
}

}  // namespace

std::vector<double> ParseNumbers(const std::string& text) {
  std::vector<double> numbers;
  for (const std::string_view part : Split(text, ',')) {
    if (part.find(':') != std::string_view::npos)
      AddSpaced(part, text, numbers);
    else
      numbers.push_back(ParseNumber(part, text));
  }
  return numbers;
}

std::vector<std::int64_t> ParseIntegers(const std::string& text) {
  std::vector<std::int64_t> integers;
  for (const std::string_view part : Split(text, ',')) {
    const std::size_t dash = part.find('-', 1);
    const auto first = Parse<std::int64_t>(part.substr(0, dash), text, "an integer");
    const auto last = dash == std::string_view::npos
                          ? first
                          : Parse<std::int64_t>(part.substr(dash + 1), text, "an integer");
    if (last < first || last - first > 10000000)
      throw UsageError("list '{}': expected a rising range, found '{}'", text, part);
    for (std::int64_t i = first; i <= last; ++i) integers.push_back(i);
  }
  return integers;
}

std::vector<double> ReadSigmas(const std::string& list, double scale, const std::string& flag) {
  if (!(scale > 0)) throw UsageError("--sigma-scale: expected a positive number, found {}", scale);
  if (list == "auto") return {};
  std::vector<double> sigmas = ParseNumbers(list);
  for (double& sigma : sigmas) {
    if (!(sigma > 0))
      throw UsageError("{}: sigma must be a positive number, found {}", flag, sigma);
    sigma /= scale;
  }
  return sigmas;
}

ShardChoice ParseShard(const std::string& text) {
  if (text == "slurm") return SlurmShard();
  const std::vector<std::string_view> fields = Split(text, '/');
  if (fields.size() != 2) throw UsageError("shard '{}': expected i/N, such as 0/4, or slurm", text);
  const ShardChoice shard{Parse<std::int64_t>(fields[0], text, "an integer"),
                          Parse<std::int64_t>(fields[1], text, "an integer")};
  if (shard.count < 1 || shard.index < 0 || shard.index >= shard.count)
    throw UsageError("shard '{}': expected i/N with 0 <= i < N", text);
  return shard;
}

}  // namespace denoscope
