#include "denoscope/ranks/meeting.h"

#include <algorithm>
#include <exception>
#include <vector>

namespace denoscope {
namespace {

constexpr char kWell = 'W', kStopped = 'S', kFailed = 'F';

}  // namespace

void Meeting::Step(const std::function<void()>& step, const std::string& state) const {
  if (ranks_.Count() == 1) return step();
  char news = kWell;
  std::string text = state;
  try {
    step();
  } catch (const Interrupted& e) {
    news = kStopped, text = e.what();
  } catch (const std::exception& e) {
    news = kFailed, text = e.what();
  }
  Hear(news, text);
}

void Meeting::Together(const std::function<void()>& work) const {
  if (ranks_.Count() == 1) return work();
  try {
    work();
  } catch (const JointError&) {
    throw;
  } catch (const JointInterrupted&) {
    throw;
  } catch (const Interrupted& e) {
    Hear(kStopped, e.what());
  } catch (const std::exception& e) {
    Hear(kFailed, e.what());
  }
  Hear(kWell, "");
}

void Meeting::Hear(char news, const std::string& text) const {
  const std::vector<std::string> all = ranks_.Gather(news + text);
  const auto differs = [&](const std::string& other) { return other != all.front(); };
  const auto different = std::find_if(all.begin(), all.end(), differs);
  if (news == kWell && different == all.end()) return;
  const auto find = [&](char wanted) {
    return std::find_if(
        all.begin(), all.end(), [&](const auto& other) { return other.front() == wanted; });
  };
  if (const auto stopped = find(kStopped); stopped != all.end())
    throw JointInterrupted(stopped->substr(1));
  const auto failed = find(kFailed);
  if (failed != all.end() && different == all.end()) throw JointError(failed->substr(1));
  if (failed != all.end())
    throw JointError(fmt::format(
        "rank {} of {}: {}", std::distance(all.begin(), failed), all.size(), failed->substr(1)));
  throw JointError(
      fmt::format("rank {} of {}: computes something else than rank 0 ({}, there {}); ranks need "
                  "the same type of processor and as many threads each",
                  std::distance(all.begin(), different),
                  all.size(),
                  different->substr(1),
                  all.front().substr(1)));
}

}  // namespace denoscope
