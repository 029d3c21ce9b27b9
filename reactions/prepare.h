#pragma once
// The decision on an order: what of a commit follows from the command, its texts and the streams as
// they are now.
#include <cstdint>
#include <expected>
#include <span>
#include <vector>

#include "aggregates/fold_cache.h"
#include "events/command.h"
#include "events/key_sink.h"
#include "events/log/submit.h"
#include "events/stream_source.h"
#include "reactions/node.h"

namespace klasboek::reactions {

/// The texts of a command as they were sealed, before anything was decided.
struct SealedTexts {
  /// By the numbers by which the command names them, from 1. Lives elsewhere.
  std::span<const events::Sealed> texts;
  /// Every key used, once each, that of the fingerprint too.
  std::vector<events::KeyId> key_ids;
  /// What must be durable before the commit is appended.
  std::vector<events::MintedKey> minted;
};

/// Decides at now_us (µs UTC). The conditions hold every stream that the decision read, and those
/// of the keys.
std::expected<log::Prepared, log::Declined> prepare(const Order& order,
                                                    const events::CommandBody& command,
                                                    const SealedTexts& sealed, std::int64_t now_us,
                                                    aggregates::FoldCache& folds,
                                                    events::StreamSource& streams);

}  // namespace klasboek::reactions
