#include "denoscope/weights/torch_weights.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "denoscope/base/error.h"

namespace denoscope {
namespace {

using Kind = PickleNode::Kind;
using Index = TorchObjects::Index;
using Entries = TorchObjects::Entries;

constexpr std::string_view kPlaces[] = {
    "model", "state_dict", "model_state_dict", "ema", "ema_state_dict", "params", "net"};

// A small file may refer to the same nodes very often: what follows references has limits.
constexpr std::size_t kDeepestPlace = 16, kDeepestModule = 64;
constexpr std::size_t kLongestName = 1000, kMostTensors = std::size_t{1} << 18;
constexpr std::size_t kMostWork = std::size_t{1} << 23;
constexpr std::size_t kMostListed = 8, kMostSearched = 64, kMostPrefixes = 4;

class Finder {
 public:
  Finder(const TorchObjects& objects, const std::string& key) : objects_(objects), key_(key) {}

  TorchWeights Find() {
    const Index place = Resolve();
    if (!Search(place)) Fail("expected a dictionary of tensors, found {}", Contents(place));
    NoteOthers();
    if (skipped_ > kMostListed) Note("skipped {} more", skipped_ - kMostListed);
    DropPrefixes();
    return std::move(weights_);
  }

 private:
  // A node to look at, with the way to it.
  struct Place {
    Index index = 0;
    std::size_t parent = 0, depth = 0;
    std::string label;
    bool searched = false;  // what lies in it
  };
  struct Module {
    Index index = 0;
    std::size_t depth = 0;
    std::string prefix;
  };

  template <typename... Args>
  [[noreturn]] void Fail(fmt::format_string<Args...> what, Args&&... args) const {
    const std::string where = key_.empty() ? "" : fmt::format(": key '{}'", Printable(key_));
    throw Error("checkpoint '{}'{}: {}",
                objects_.File(),
                where,
                fmt::format(what, std::forward<Args>(args)...));
  }
  template <typename... Args>
  void Note(fmt::format_string<Args...> what, Args&&... args) {
    weights_.notes.push_back(fmt::format(what, std::forward<Args>(args)...));
  }
  void Skip(Index key, Index value) {
    if (++skipped_ <= kMostListed) Note("skipped '{}' ({})", Label(key), objects_.Describe(value));
  }

  void Spend(std::size_t work) {
    work_ += work;
    if (work_ > kMostWork) Fail("expected modules of names below 2^23 bytes in all, found more");
  }

  std::string Label(Index key) const {
    const PickleNode& node = objects_.At(key);
    if (node.kind == Kind::kString) return Printable(node.text);
    if (node.kind == Kind::kInteger) return std::to_string(node.integer);
    return fmt::format("({})", KindName(node.kind));
  }

  std::string Contents(Index index) const {
    auto entries = objects_.Dictionary(index);
    if (!entries) entries = objects_.Attributes(index);
    if (objects_.IsSequence(index))
      return fmt::format("{} of {}", objects_.Describe(index), objects_.At(index).items.size());
    if (!entries) return objects_.Describe(index);
    std::vector<std::string> listed;
    for (const auto& [key, value] : *entries) {
      if (listed.size() == kMostListed) {
        listed.emplace_back("..");
        break;
      }
      listed.push_back(fmt::format("'{}' ({})", Label(key), objects_.Describe(value)));
    }
    return fmt::format("{} with {}",
                       objects_.Describe(index),
                       listed.empty() ? "nothing" : fmt::format("{}", fmt::join(listed, ", ")));
  }

  Index Resolve() {
    Index place = objects_.Root();
    for (std::string_view rest = key_; !rest.empty();) {
      const auto step = Step(place, rest);
      if (!step)
        Fail("expected '{}' in {}, found {}",
             Printable(rest),
             path_.empty() ? "the file" : fmt::format("'{}'", fmt::join(path_, ".")),
             Contents(place));
      place = *step;
    }
    return place;
  }

  // Takes from `rest` the longest beginning, up to a dot, that names something in `place`.
  std::optional<Index> Step(Index place, std::string_view& rest) {
    for (std::size_t size = rest.size(); size != std::string_view::npos;
         size = size == 0 ? std::string_view::npos : rest.rfind('.', size - 1)) {
      const std::string_view label = rest.substr(0, size);
      const auto found = Child(place, label);
      if (!found) continue;
      path_.emplace_back(label);
      rest.remove_prefix(std::min(size + 1, rest.size()));
      return found;
    }
    return std::nullopt;
  }

  std::optional<Index> Child(Index place, std::string_view label) const {
    if (objects_.IsSequence(place)) {
      const std::vector<Index>& items = objects_.At(place).items;
      std::size_t position = 0;
      const char* end = label.data() + label.size();
      const auto parsed = std::from_chars(label.data(), end, position);
      const bool good = parsed.ec == std::errc() && parsed.ptr == end && position < items.size();
      return good ? std::optional(items[position]) : std::nullopt;
    }
    auto entries = objects_.Dictionary(place);
    if (!entries) entries = objects_.Attributes(place);
    if (!entries) return std::nullopt;
    if (const auto value = objects_.Value(*entries, label)) return value;
    for (auto entry = entries->rbegin(); entry != entries->rend(); ++entry)
      if (objects_.At(entry->first).kind == Kind::kInteger && Label(entry->first) == label)
        return entry->second;
    return std::nullopt;
  }

  // Depth first in the order of the usual places, each node once. What lies in a dictionary is
  // preferred to tensors beside it: a loss beside 'state_dict' is no weight.
  bool Search(Index start) {
    std::vector<Place> places = {{start, 0, 0, "", false}};
    std::vector<std::size_t> open = {0};
    std::vector<bool> seen(objects_.Size(), false);
    while (!open.empty()) {
      const std::size_t at = open.back();
      const Index index = places[at].index;
      if (!places[at].searched) {
        places[at].searched = true;
        if (seen[index]) {
          open.pop_back();
          continue;
        }
        seen[index] = true;
        if (places[at].depth < kDeepestPlace) OpenPlaces(at, places, open);
        if (open.back() != at) continue;
      }
      open.pop_back();
      if (!TakeModule(index) && !TakeDictionary(index)) continue;
      SetPath(at, places);
      return true;
    }
    return false;
  }

  void OpenPlaces(std::size_t parent, std::vector<Place>& places, std::vector<std::size_t>& open) {
    const Index index = places[parent].index;
    const std::size_t first = places.size(), depth = places[parent].depth + 1;
    const auto add = [&](Index child, std::string label) {
      if (IsPlace(child)) places.push_back({child, parent, depth, std::move(label), false});
    };
    if (objects_.IsSequence(index)) {
      const std::vector<Index>& items = objects_.At(index).items;
      for (std::size_t i = 0; i < items.size(); ++i) add(items[i], std::to_string(i));
    } else if (const auto entries = objects_.Dictionary(index)) {
      for (const std::string_view place : kPlaces)
        if (const auto value = objects_.Value(*entries, place)) add(*value, std::string(place));
    }
    for (std::size_t i = places.size(); i > first; --i) open.push_back(i - 1);
  }

  bool IsPlace(Index index) const {
    const Kind kind = objects_.At(index).kind;
    return kind == Kind::kDictionary || kind == Kind::kObject || objects_.IsSequence(index) ||
           (kind == Kind::kCall && !objects_.IsTensor(index));
  }

  void SetPath(std::size_t at, const std::vector<Place>& places) {
    std::vector<std::string> way;
    for (; at != 0; at = places[at].parent) way.push_back(places[at].label);
    path_.insert(path_.end(), way.rbegin(), way.rend());
    if (path_.empty()) return;
    weights_.place = fmt::format("{}", fmt::join(path_, "."));
    weights_.notes.insert(weights_.notes.begin(),
                          fmt::format("weights found at '{}'", weights_.place));
  }

  bool TakeDictionary(Index index) {
    if (!objects_.HoldsTensors(index)) return false;
    const auto entries = objects_.Dictionary(index);
    for (const auto& [key, value] : *entries) {
      const bool named = objects_.At(key).kind == Kind::kString;
      if (named && objects_.IsTensor(value)) {
        Take("", key, value);
        continue;
      }
      if (named) weights_.tensors.erase(objects_.At(key).text);
      Skip(key, value);
    }
    return !weights_.tensors.empty();
  }

  void Take(const std::string& prefix, Index key, Index value) {
    const std::string& name = objects_.At(key).text;
    if (prefix.size() + name.size() > kLongestName)
      Fail("expected names of at most {} bytes, found '{}'", kLongestName, Printable(name));
    weights_.tensors[prefix + name] = value;
    if (weights_.tensors.size() > kMostTensors)
      Fail("expected at most {} tensors, found more", kMostTensors);
  }

  // As state_dict() would: parameters, buffers that persist, then the modules inside.
  bool TakeModule(Index index) {
    if (!objects_.IsModule(index)) return false;
    std::vector<Module> open = {{index, 0, ""}};
    while (!open.empty()) {
      const Module module = std::move(open.back());
      open.pop_back();
      const auto attributes = objects_.Attributes(module.index);
      if (!attributes) continue;
      const auto transient = Transient(*attributes);
      for (const std::string_view part : {"_parameters", "_buffers"})
        for (const auto& [key, value] : Part(*attributes, part))
          if (objects_.IsTensor(value) &&
              (part == "_parameters" || !IsOneOf(transient, objects_.At(key).text)))
            Take(module.prefix, key, value);
      for (const auto& [key, value] : Part(*attributes, "_modules"))
        if (objects_.At(value).kind == Kind::kObject) OpenModule(module, key, value, open);
    }
    return !weights_.tensors.empty();
  }

  void OpenModule(const Module& outer, Index key, Index value, std::vector<Module>& open) {
    const std::string& name = objects_.At(key).text;
    if (outer.depth >= kDeepestModule)
      Fail("expected modules nested at most {} deep, found '{}'",
           kDeepestModule,
           Printable(outer.prefix + Printable(name)));
    if (outer.prefix.size() + name.size() > kLongestName)
      Fail("expected names of at most {} bytes, found '{}'", kLongestName, Printable(name));
    Spend(outer.prefix.size() + name.size() + 1);
    open.push_back({value, outer.depth + 1, outer.prefix + name + "."});
  }

  // The entries of an attribute that have strings for keys.
  Entries Part(const Entries& attributes, std::string_view name) {
    const auto value = objects_.Value(attributes, name);
    auto entries = value ? objects_.Dictionary(*value) : std::nullopt;
    if (!entries) return {};
    const auto unnamed = [&](const auto& e) { return objects_.At(e.first).kind != Kind::kString; };
    entries->erase(std::remove_if(entries->begin(), entries->end(), unnamed), entries->end());
    return std::move(*entries);
  }

  // The names of the buffers that state_dict() leaves out: a set, or a call of set with a list.
  std::vector<Index> Transient(const Entries& attributes) {
    const auto value = objects_.Value(attributes, "_non_persistent_buffers_set");
    if (!value) return {};
    const PickleNode* node = &objects_.At(*value);
    if (node->kind == Kind::kCall) node = &objects_.At(node->items[1]);
    if (node->kind == Kind::kTuple && node->items.size() == 1) node = &objects_.At(node->items[0]);
    if (node->kind != Kind::kSet && node->kind != Kind::kList) return {};
    Spend(node->items.size());
    return node->items;
  }

  bool IsOneOf(const std::vector<Index>& names, const std::string& name) {
    Spend(names.size());
    return std::any_of(names.begin(), names.end(), [&](Index i) {
      return objects_.At(i).kind == Kind::kString && objects_.At(i).text == name;
    });
  }

  // Beside the first step of the way: only where the usual places decided.
  void NoteOthers() {
    const auto entries = objects_.Dictionary(objects_.Root());
    if (!key_.empty() || path_.empty() || !entries) return;
    std::vector<std::string> others;
    for (std::size_t i = 0; i < std::min(entries->size(), kMostSearched); ++i) {
      auto [key, value] = (*entries)[i];
      const std::string label = Label(key);
      if (objects_.IsSequence(value) && !objects_.At(value).items.empty())
        value = objects_.At(value).items[0];
      if (label != path_[0] && (objects_.HoldsTensors(value) || objects_.IsModule(value)))
        others.push_back(fmt::format("'{}'", label));
    }
    if (!others.empty()) Note("also there: {}", fmt::join(others, ", "));
  }

  void DropPrefixes() {
    std::size_t dropped = 0;
    while (dropped < kMostPrefixes && (DropPrefix("module.") || DropPrefix("_orig_mod.")))
      ++dropped;
  }

  bool DropPrefix(std::string_view prefix) {
    const auto& tensors = weights_.tensors;
    if (!std::all_of(tensors.begin(), tensors.end(), [&](const auto& tensor) {
          return tensor.first.size() > prefix.size() && tensor.first.rfind(prefix, 0) == 0;
        }))
      return false;
    std::map<std::string, Index> shorter;
    for (const auto& [name, index] : tensors) shorter[name.substr(prefix.size())] = index;
    weights_.tensors = std::move(shorter);
    Note("prefix '{}' dropped from every name", prefix);
    return true;
  }

  const TorchObjects& objects_;
  const std::string& key_;
  TorchWeights weights_;
  std::vector<std::string> path_;
  std::size_t skipped_ = 0, work_ = 0;
};

}  // namespace

TorchWeights FindTorchWeights(const TorchObjects& objects, const std::string& key) {
  return Finder(objects, key).Find();
}

}  // namespace denoscope
