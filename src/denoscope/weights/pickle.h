// Python's pickle, protocols 2 to 5, read as data: no code is found, imported or called.
//
// The result is a flat arena of nodes; containers name their items by index, so that sharing costs
// nothing and destruction never recurses. A global is a name. Calling one (REDUCE) makes a node
// that records the call, for globals in `callable` alone; creating an object without calling its
// class (NEWOBJ, copyreg._reconstructor) makes an opaque node for any class. Everything else that
// would need a global outside the list is refused with its name and offset.
// Source: Python's pickletools.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "denoscope/base/error.h"

namespace denoscope {

struct PickleNode {
  enum class Kind {
    kNone,
    kBool,        // integer
    kInteger,     // integer
    kBigInteger,  // text: little-endian two's complement, beyond 64 bits
    kFloat,       // real
    kString,      // text, UTF-8
    kBytes,       // text
    kTuple,       // items
    kList,        // items
    kSet,         // items
    kDictionary,  // items: key, value, key, value, ..
    kGlobal,      // text: "module.name", without control characters
    kCall,        // items: global, tuple of arguments; then what BUILD set as state, in turn
    kObject,      // text: class "module.name"; items: tuple of arguments (and dictionary of named
                  // ones where the pickle has one), then states of BUILD
    kPersistent,  // items: the persistent id
  };
  Kind kind = Kind::kNone;
  std::uint32_t contents = 0;  // the list or dictionary that a kCall or kObject is filled as, or 0
  std::int64_t integer = 0;
  double real = 0;
  std::string text;
  std::vector<std::uint32_t> items;
  std::uint64_t offset = 0;  // of the opcode that made it
};

std::string_view KindName(PickleNode::Kind kind);  // "dictionary"

struct Pickle {
  std::vector<PickleNode> nodes;
  std::uint32_t root = 0;
  std::uint64_t size = 0;  // bytes up to and with STOP
};

// The content ends before its STOP.
class PickleTruncated : public Error {
 public:
  using Error::Error;
};

// `name` is for messages; `content` may go on after STOP and lies at byte `base` of its file, which
// all offsets count from. Throws on truncation, an unknown or refused opcode, a stack or memo used
// wrongly, and more nodes than content could mean.
Pickle ParsePickle(std::string_view content,
                   std::string_view name,
                   const std::set<std::string>& callable,
                   std::uint64_t base = 0);

}  // namespace denoscope
