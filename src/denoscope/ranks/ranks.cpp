#include "denoscope/ranks/ranks.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <sstream>
#include <utility>

#include "denoscope/base/error.h"
#include "denoscope/base/process.h"
#include "denoscope/ranks/communicator.h"

namespace denoscope {
namespace {

constexpr char kFailed = 'F', kReady = 'R';

std::string HostName() {
  std::array<char, 256> name = {};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

// What a launcher says of the job; size 0 where it does not say.
struct Launch {
  bool by_launcher = false;
  int size = 0;
  const char* variable = "";
};

Launch FindLaunch() {
  // Open MPI's mpirun; Hydra (MPICH, Intel) and srun --mpi=pmi2.
  for (const char* variable : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"})
    if (const char* size = std::getenv(variable)) return {true, std::atoi(size), variable};
  if (std::getenv("PMIX_RANK") == nullptr) return {};  // srun --mpi=pmix
  const char* tasks = std::getenv("SLURM_NTASKS");
  return {true, tasks == nullptr ? 0 : std::atoi(tasks), "SLURM_NTASKS"};
}

std::vector<unsigned char> Processors() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  sched_getaffinity(0, sizeof(allowed), &allowed);
  const auto* bytes = reinterpret_cast<const unsigned char*>(&allowed);
  return {bytes, bytes + sizeof(allowed)};
}

// The first line of `mine` that is not a line of the others' at the same place.
std::string DifferenceText(const std::string& theirs, const std::string& mine) {
  std::istringstream a(theirs), b(mine);
  std::string left, right;
  for (;;) {
    const bool more_left = static_cast<bool>(std::getline(a, left));
    const bool more_right = static_cast<bool>(std::getline(b, right));
    if (!more_left) left = "nothing";
    if (!more_right) right = "nothing";
    if (left != right || !(more_left || more_right))
      return fmt::format("has {}, rank 0 {}", right, left);
  }
}

// The texts of all ranks, each a letter and what follows.
void ThrowDisagreement(const std::vector<std::string>& texts) {
  const auto failed = [](const std::string& text) { return text.front() == kFailed; };
  const auto bad = std::find_if(texts.begin(), texts.end(), failed);
  if (bad != texts.end()) {
    const std::string error = bad->substr(1);
    if (std::all_of(texts.begin(), texts.end(), [&](const auto& text) { return text == *bad; }))
      throw JointError(error);
    throw JointError(
        fmt::format("rank {} of {}: {}", std::distance(texts.begin(), bad), texts.size(), error));
  }
  for (std::size_t r = 1; r < texts.size(); ++r)
    if (texts[r] != texts[0])
      throw JointError(
          fmt::format("rank {} of {}: {}; every rank needs the same options, model and data",
                      r,
                      texts.size(),
                      DifferenceText(texts[0].substr(1), texts[r].substr(1))));
}

}  // namespace

void Ranks::Join() {
  Ranks& job = OfThisJob();
  const Launch launch = FindLaunch();
  if (!launch.by_launcher) return;
  if (!communicator::Available()) {
    if (launch.size > 1)
      throw Error(
          "ranks: {} processes were started together ({}), and this program is built without MPI; "
          "install libopenmpi-dev and build it again, or share the work out with --shard",
          launch.size,
          launch.variable);
    return;
  }
  const communicator::Place place = communicator::Begin(Processors());
  job.rank_ = place.rank;
  job.count_ = place.count;
  job.together_ = true;
  ShareMachine({place.processes_here, place.threads});
  if (launch.size > 1 && place.count == 1)
    throw Error(
        "ranks: {} processes were started together ({}), and {} sees one: start them with the "
        "mpirun of the MPI that this program is built with",
        launch.size,
        launch.variable,
        communicator::Library());
}

Ranks& Ranks::OfThisJob() {
  static Ranks job;
  if (job.host_.empty()) job.host_ = HostName();
  return job;
}

std::string Ranks::Name() const {
  return fmt::format("rank {} of {} on host {}", rank_, count_, host_);
}

void Ranks::Agree(const std::string& lines) {
  agreed_ = true;
  ThrowDisagreement(Gather(kReady + lines));
}

void Ranks::Check(const std::string& error) {
  agreed_ = true;
  ThrowDisagreement(Gather(error.empty() ? std::string(1, kReady) : kFailed + error));
}

std::vector<std::string> Ranks::Gather(const std::string& text) const {
  return together_ ? communicator::Gather(text) : std::vector<std::string>{text};
}

void Ranks::Sum(float* values, std::int64_t count) const {
  if (together_) communicator::Sum(values, count);
}

void Ranks::Share(float* values, const std::vector<std::int64_t>& counts) const {
  if (together_) communicator::Share(values, counts);
}

std::vector<std::vector<double>> Ranks::Exchange(
    const std::vector<std::vector<double>>& sent) const {
  return together_ ? communicator::Exchange(sent) : sent;
}

std::optional<int> Ranks::FortranCommunicator() const {
  return together_ ? std::optional<int>(communicator::FortranHandle()) : std::nullopt;
}

void Ranks::Disband() {
  if (std::exchange(together_, false)) communicator::End();
}

std::string MpiLibrary() { return communicator::Available() ? communicator::Library() : "none"; }

std::string UnusedTasks() {
  const char* tasks = std::getenv("SLURM_NTASKS");
  if (tasks == nullptr || std::atoi(tasks) < 2 || std::getenv("SLURM_STEP_ID") != nullptr ||
      FindLaunch().by_launcher || std::getenv("SLURM_ARRAY_TASK_ID") != nullptr)
    return "";
  return fmt::format(
      "this job has {} tasks and the program is one of them; start it by srun or mpirun to use all",
      tasks);
}

PieceRange PiecesOf(std::int64_t count, int rank, int ranks) {
  return {count * rank / ranks, count * (rank + 1) / ranks};
}

}  // namespace denoscope
