#include "api/moment.h"

#include <algorithm>
#include <charconv>

#include "api/time_text.h"
#include "events/log/moments.h"

namespace klasboek::api {

namespace {

/// As /openapi.json says: zeros before a position are no position's.
constexpr std::size_t kMomentBytesMax = 40;

}  // namespace

std::expected<std::optional<std::uint64_t>, Problem> moment_of(const Call& call) {
  const auto text = call.request.query.find("at");
  if (!text) return std::nullopt;
  const auto& ledger = call.shard->ledger();
  if (const auto instant = parse_instant(*text)) {
    const auto sequence = log::sequence_at(ledger, call.school, *instant);
    if (sequence) return *sequence;
    return std::unexpected(invalid_parameter("at", "The school's log began later."));
  }
  std::uint64_t sequence = 0;
  const auto parsed = std::from_chars(text->data(), text->data() + text->size(), sequence);
  if (text->size() > kMomentBytesMax || parsed.ec != std::errc{} ||
      parsed.ptr != text->data() + text->size()) {
    return std::unexpected(invalid_parameter(
        "at", "It is a time with offset, such as 2026-11-02T08:30:00+01:00, or a position."));
  }
  if (sequence >= ledger.school_head(call.school).next_sequence) {
    return std::unexpected(invalid_parameter("at", "It is beyond the end of this school's log."));
  }
  return sequence;
}

}  // namespace klasboek::api
