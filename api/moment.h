#pragma once
// ?at=: a moment of the past, as a time or as a sequence, which alone can be repeated.
#include <cstdint>
#include <expected>
#include <optional>

#include "api/call.h"

namespace klasboek::api {

/// The sequence that ?at= means, nullopt where it isn't given; 400 where it is neither a time nor a
/// sequence of this school's log.
std::expected<std::optional<std::uint64_t>, Problem> moment_of(const Call& call);

}  // namespace klasboek::api
