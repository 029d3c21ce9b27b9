#pragma once
// What was last signed of each school's transparency log, kept apart from the log and its backups:
// a log that came back shorter is noticed here.
#include <cstdint>
#include <expected>
#include <mutex>
#include <optional>

#include "events/ids.h"
#include "vault/secret_store.h"

namespace klasboek::vault {

struct SignedCheckpoint {
  /// Rises when a restore lost what was signed.
  std::uint64_t generation = 0;
  std::uint64_t size = 0;
  events::Hash root{};
  bool operator==(const SignedCheckpoint&) const = default;
};

enum class CheckpointFault : std::uint8_t {
  behind,      // an older generation, or a smaller size: this log has lost what was signed
  forked,      // the same size with another root
  unavailable  // the vault couldn't be read or written just now
};

/// Thread-safe. Of one node: nodes on Kafka agree by a topic of their own.
class Checkpoints {
 public:
  /// REQUIRES: store and wrapping outlive it.
  Checkpoints(SecretStore& store, const Wrapping& wrapping);

  std::expected<std::optional<SignedCheckpoint>, VaultFault> last(const events::SchoolId& school);

  /// Before the checkpoint is shown to anybody. The same one again is harmless.
  std::expected<void, CheckpointFault> record(const events::SchoolId& school,
                                              const SignedCheckpoint& checkpoint);

 private:
  SecretStore& store_;
  const Wrapping& wrapping_;
  std::mutex mutex_;
};

}  // namespace klasboek::vault
