// Work that ranks do together fails together: what one of them meets with, an error or a request to
// stop, is thrown on all, and none waits for a rank that has left.
#pragma once

#include <functional>
#include <string>

#include "denoscope/ranks/ranks.h"

namespace denoscope {

class Meeting {
 public:
  explicit Meeting(const Ranks& ranks) : ranks_(ranks) {}  // which must outlive it

  // Does `step` and hears how the others fared with theirs. Unless all did well, and say the same
  // `state`, every rank throws: JointInterrupted where one was asked to stop, else JointError.
  void Step(const std::function<void()>& step, const std::string& state = "") const;

  // Does `work`, in which every rank comes to the same steps. A rank that leaves it by an exception
  // of its own between two of them takes the others with it at their next one.
  void Together(const std::function<void()>& work) const;

 private:
  void Hear(char news, const std::string& text) const;

  const Ranks& ranks_;
};

}  // namespace denoscope
