#pragma once
// Where new keys become durable. A text is sealed under a key that is only in memory yet; the log
// hands the keys of a commit to the sink just before it appends the commit, so that no event is
// ever older than its key. What is left behind when the append fails is a key that seals nothing.
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <expected>
#include <span>

#include "events/ids.h"
#include "events/schema/erasure_generated.h"

namespace klasboek::events {

/// Whose text a key seals: a person, or a thing (a post, a conversation) with text of its own.
struct SubjectRef {
  wire::SubjectKind kind = wire::SubjectKind::child;
  Uuid id;
  auto operator<=>(const SubjectRef&) const = default;
};

/// Texts of one subject that may be forgotten at different times have different keys. The numbers
/// stand in the vault's rows and are never reused.
enum class RetentionClass : std::uint8_t {
  identity_attendance = 1,  // names, birthdays, contact, enrolment
  leave = 2,                // motivations and reasons of decisions
  consent = 3,
  conversation = 4,
  post = 5,
  medium = 6,
  transit = 7,      // waits to be sent or applied; destroyed afterwards
  absence_note = 8  // until the end of the school year
};

/// Every class there is, in the order of their numbers.
inline constexpr std::array kRetentionClasses = {RetentionClass::identity_attendance,
                                                 RetentionClass::leave,
                                                 RetentionClass::consent,
                                                 RetentionClass::conversation,
                                                 RetentionClass::post,
                                                 RetentionClass::medium,
                                                 RetentionClass::transit,
                                                 RetentionClass::absence_note};

/// 32 secret bytes that are wiped when they go, also from where they are moved away.
class KeyBytes {
 public:
  KeyBytes() = default;
  explicit KeyBytes(std::span<const std::uint8_t, 32> bytes) {
    std::ranges::copy(bytes, bytes_.begin());
  }
  KeyBytes(const KeyBytes&) = default;
  KeyBytes& operator=(const KeyBytes&) = default;
  KeyBytes(KeyBytes&& other) noexcept : bytes_(other.bytes_) { other.wipe(); }
  KeyBytes& operator=(KeyBytes&& other) noexcept {
    if (this != &other) {
      bytes_ = other.bytes_;
      other.wipe();
    }
    return *this;
  }
  ~KeyBytes() { wipe(); }

  [[nodiscard]] std::span<const std::uint8_t, 32> span() const { return bytes_; }
  [[nodiscard]] std::span<std::uint8_t, 32> writable() { return bytes_; }
  bool operator==(const KeyBytes& other) const {
    return sodium_memcmp(bytes_.data(), other.bytes_.data(), bytes_.size()) == 0;
  }

 private:
  void wipe() { sodium_memzero(bytes_.data(), bytes_.size()); }
  std::array<std::uint8_t, 32> bytes_{};
};

/// A key that isn't durable yet, with everything that its row needs.
struct MintedKey {
  KeyId id;
  SchoolId school;
  SubjectRef subject;
  RetentionClass retention = RetentionClass::identity_attendance;
  std::int64_t minted_at_us = 0;
  KeyBytes bytes;
};

/// Why keys aren't durable. After each of them the commits that need these keys are not appended;
/// their commands may be tried again.
enum class KeySinkFault : std::uint8_t {
  busy,         // another holder of the database kept it too long
  disk_full,    // no room; nothing was written
  unreachable,  // not confirmed in time: the keys may be there or come later
  broken        // the store can't be trusted any more; the program must stop serving
};

/// Thread-safe.
class KeySink {
 public:
  KeySink() = default;
  KeySink(const KeySink&) = delete;
  KeySink& operator=(const KeySink&) = delete;
  virtual ~KeySink() = default;

  /// Returns when every key is on disk (and on the other nodes' way), all or none. One call for all
  /// keys of a group commit costs one sync. A key that is already there is passed over, so that
  /// commits that share a new key may both bring it.
  virtual std::expected<void, KeySinkFault> make_durable(std::span<const MintedKey> keys) = 0;
};

}  // namespace klasboek::events
