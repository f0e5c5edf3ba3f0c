// The processes of one job, as mpirun or srun starts them: which of how many this one is, and what
// they do together. A process started by itself, or a program built without MPI, is a job of one
// rank, for which everything here returns at once.
//
// Every rank calls the same functions in the same order: Join, Agree, then whatever the work needs,
// Disband. Work that is shared through files needs nothing after Agree and disbands there: then a
// rank that dies leaves the others unhurt. Work that is joint to its end keeps together: then a
// rank that dies ends the job.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "denoscope/base/error.h"

namespace denoscope {

// Thrown on every rank at once: one of them says it.
class JointError : public Error {
 public:
  explicit JointError(const std::string& text) : Error("{}", text) {}
};

// The same of work that every rank stopped at once.
class JointInterrupted : public Interrupted {
 public:
  explicit JointInterrupted(const std::string& text) : Interrupted("{}", text) {}
};

class Ranks {
 public:
  // Joins the job this process was started in; once, first thing in main. Divides the processors
  // and the memory of each machine among the ranks on it (base/process.h), and gives every rank as
  // many threads as the rank that has fewest. Throws when processes were started together and
  // cannot know of each other.
  static void Join();
  static Ranks& OfThisJob();

  int Rank() const { return rank_; }
  int Count() const { return count_; }
  bool IsFirst() const { return rank_ == 0; }
  const std::string& Host() const { return host_; }
  std::string Name() const;  // "rank 1 of 4 on host b"

  // Each rank says what its work depends on, in lines "name=value". Throws JointError where a rank
  // says another thing than rank 0, naming the first line that differs, or failed before.
  void Agree(const std::string& lines);
  bool Agreed() const { return agreed_; }
  // Throws JointError with what is wrong on the first rank whose `error` is not empty. A rank that
  // failed before Agree comes here instead.
  void Check(const std::string& error);

  std::vector<std::string> Gather(const std::string& text) const;  // of each rank, on every rank
  // Over ranks, in place; the same bytes on every rank.
  void Sum(float* values, std::int64_t count) const;
  // Rank r knows counts[r] of the values, after those of rank r - 1; afterwards every rank knows
  // all. Throws beyond 2^31 - 1 values.
  void Share(float* values, const std::vector<std::int64_t>& counts) const;
  // Sends sent[r] to rank r, for all r; what each has sent to this one, on return. Throws beyond
  // 2^31 - 1 values to all or of all.
  std::vector<std::vector<double>> Exchange(const std::vector<std::vector<double>>& sent) const;
  // The communicator of the job as a library of Fortran takes it; none: this process is no rank.
  std::optional<int> FortranCommunicator() const;
  void Disband();  // the end of all communication, which every rank comes to

 private:
  int rank_ = 0, count_ = 1;
  std::string host_;
  bool agreed_ = false, together_ = false;
};

std::string MpiLibrary();  // "Open MPI v4.1.4"; "none" of a program built without

// Why other tasks of this scheduler's job have nothing to do, where that is so; else empty.
std::string UnusedTasks();

// Pieces begin .. end - 1 of `count`, which ranks divide evenly.
struct PieceRange {
  std::int64_t begin = 0, end = 0;
};
PieceRange PiecesOf(std::int64_t count, int rank, int ranks);

}  // namespace denoscope
