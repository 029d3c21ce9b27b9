#pragma once
// Unwrapped keys in memory that isn't swapped out (mlock, where the limit allows) nor dumped. Holds
// so many and no more: the one that was longest unused makes room.
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "events/key_sink.h"

namespace klasboek::vault {

/// Thread-safe.
class KeyCache {
 public:
  /// REQUIRES: capacity > 0.
  explicit KeyCache(std::size_t capacity);

  [[nodiscard]] std::optional<events::KeyBytes> get(const events::KeyId& id);
  void put(const events::KeyId& id, const events::KeyBytes& bytes);
  /// Wipes it.
  void drop(const events::KeyId& id);
  [[nodiscard]] std::size_t size() const;

 private:
  using Slot = std::uint32_t;
  static constexpr Slot kNone = ~Slot{0};
  struct Links {
    events::KeyId id;
    Slot newer = kNone;
    Slot older = kNone;
  };
  struct FreeLocked {
    void operator()(std::uint8_t* memory) const;
  };

  [[nodiscard]] std::uint8_t* bytes_at(Slot slot) const;
  void unlink(Slot slot);
  void link_newest(Slot slot);
  Slot free_slot();

  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::unique_ptr<std::uint8_t, FreeLocked> memory_;
  std::vector<Links> links_;
  std::vector<Slot> free_;
  std::unordered_map<events::KeyId, Slot> slots_;
  Slot newest_ = kNone;
  Slot oldest_ = kNone;
};

}  // namespace klasboek::vault
