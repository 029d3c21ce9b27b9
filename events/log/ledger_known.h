#pragma once
// What the thread that writes a ledger remembers of what it wrote: apply asks for the version of
// every stream that a commit names, and mostly they are the same few. Only the ledger includes
// this.
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>

#include "events/log/ledger.h"

namespace klasboek::log {

using StreamKey = std::pair<events::SchoolId, events::Stream>;

struct StreamKeyHash {
  std::size_t operator()(const StreamKey& key) const noexcept {
    return std::hash<events::SchoolId>{}(key.first) * 31 + std::hash<events::Stream>{}(key.second);
  }
};

/// It holds what is in storage and nothing else: what a batch changed comes in once it is written.
/// So a verdict is the same with and without it. When it is full it forgets all.
struct Ledger::Known {
  static constexpr std::size_t kVersionsMax = 65'536;
  static constexpr std::size_t kHeadsMax = 1'024;

  [[nodiscard]] std::optional<std::uint64_t> version_of(const StreamKey& key) const {
    const auto found = versions.find(key);
    if (found == versions.end()) return std::nullopt;
    return found->second;
  }
  void remember(const StreamKey& key, std::uint64_t version) {
    if (versions.size() >= kVersionsMax) versions.clear();
    versions.insert_or_assign(key, version);
  }
  void remember(const events::SchoolId& school, const SchoolHead& head) {
    if (heads.size() >= kHeadsMax) heads.clear();
    heads.insert_or_assign(school, head);
  }

  std::unordered_map<StreamKey, std::uint64_t, StreamKeyHash> versions;
  std::unordered_map<events::SchoolId, SchoolHead> heads;
};

}  // namespace klasboek::log
