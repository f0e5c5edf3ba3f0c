// The machine that a pickle is a program for: a stack with marks, a memo and the arena of nodes.
// Its public part is what the opcodes do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "denoscope/base/error.h"
#include "denoscope/files/little_endian.h"
#include "denoscope/weights/pickle.h"

namespace denoscope {

class Unpickler {
 public:
  using Kind = PickleNode::Kind;
  using Index = std::uint32_t;

  Unpickler(std::string_view content,
            std::string_view name,
            const std::set<std::string>& callable,
            std::uint64_t base)
      : content_(content), name_(name), callable_(callable), base_(base) {}

  // The next opcode, and what it says when it is none to run.
  std::uint8_t Next();
  [[noreturn]] void Refuse(std::uint8_t opcode, std::string_view name) const;
  Pickle Finish();  // after STOP

  // Of the content: bytes, a number, text after its length, a line.
  std::string_view Take(std::uint64_t size);
  std::uint64_t Number(std::size_t size) { return LittleEndian(Take(size)); }
  std::string_view Counted(std::size_t size) { return Take(Number(size)); }
  std::string_view Line();

  void CheckProtocol(std::uint64_t protocol) const;
  void CheckFrame(std::uint64_t size);

  PickleNode& Push(Kind kind) {
    const Index index = Make(kind);
    Push(index);
    return At(index);
  }
  void PushInteger(std::int64_t value) { Push(Kind::kInteger).integer = value; }
  void PushBool(bool value) { Push(Kind::kBool).integer = value ? 1 : 0; }
  void PushFloat(std::string_view bytes);  // big-endian
  void PushLong(std::uint64_t size);
  void PushText(Kind kind, std::string_view text);
  void PushItems(Kind kind, std::vector<Index> items) { Push(kind).items = std::move(items); }
  void PushOldString(std::string_view text);  // Python 2 wrote names and raw bytes alike

  std::vector<Index> Pop(std::size_t count);
  std::vector<Index> PopToMark();
  void PopOrUnmark();
  void Duplicate() { Push(Top()); }
  void Mark();
  void Put(std::uint64_t key);
  void Memoize() { Put(memo_.size()); }
  void Get(std::uint64_t key);

  // To the container on top, or to the contents of the call or object there.
  void Add(Kind kind, const std::vector<Index>& values);

  void Global();
  void StackGlobal();
  void Reduce();
  void NewObject(bool named_arguments);
  void Build();

 private:
  template <typename... Args>
  [[noreturn]] void FailAt(std::uint64_t offset,
                           fmt::format_string<Args...> what,
                           Args&&... args) const {
    throw Error("pickle '{}': at byte {}: {}",
                name_,
                offset,
                fmt::format(what, std::forward<Args>(args)...));
  }
  template <typename... Args>
  [[noreturn]] void Fail(fmt::format_string<Args...> what, Args&&... args) const {
    FailAt(base_ + start_, what, std::forward<Args>(args)...);
  }

  PickleNode& At(Index index) { return pickle_.nodes[index]; }
  Index Make(Kind kind);
  void Push(Index index);
  Index Top() const;
  Index Pop();
  Index Pop(Kind kind);
  std::size_t Above() const { return stack_.size() - (marks_.empty() ? 0 : marks_.back()); }

  void Charge(std::size_t size);
  void PushGlobal(std::string_view module, std::string_view name);
  std::optional<Index> Class(Index type);
  void PushObject(Index type, std::vector<Index> items);
  void CheckReachable();

  std::string_view content_, name_;
  const std::set<std::string>& callable_;
  std::uint64_t base_ = 0;
  std::size_t at_ = 0, start_ = 0, name_bytes_ = 0;
  Pickle pickle_;
  std::vector<Index> stack_, marks_;
  std::map<std::uint64_t, Index> memo_;  // by key: a huge one costs no more than a small one
};

}  // namespace denoscope
