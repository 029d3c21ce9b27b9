#pragma once
// A stream is a boundary of consistency: what must be decided together is on one.
#include <compare>
#include <cstdint>
#include <functional>
#include <string>

#include "events/ids.h"
#include "events/schema/common_generated.h"

namespace klasboek::events {

/// Kind and the id of its one subject.
struct Stream {
  wire::StreamKind kind = wire::StreamKind::none;
  Uuid subject;
  auto operator<=>(const Stream&) const = default;
};

/// `leave/01h455…`: kind and the bare id.
std::string to_text(const Stream& stream);

inline Stream school_stream(SchoolId id) { return {wire::StreamKind::school, id.value}; }
inline Stream group_stream(GroupId id) { return {wire::StreamKind::group, id.value}; }
inline Stream child_stream(ChildId id) { return {wire::StreamKind::child, id.value}; }
inline Stream consent_stream(ChildId id) { return {wire::StreamKind::consent, id.value}; }
inline Stream absence_stream(ChildId id) { return {wire::StreamKind::absence, id.value}; }
inline Stream leave_stream(ChildId id) { return {wire::StreamKind::leave, id.value}; }
inline Stream account_stream(AccountId id) { return {wire::StreamKind::account, id.value}; }
inline Stream preferences_stream(AccountId id) { return {wire::StreamKind::preferences, id.value}; }
inline Stream reading_stream(AccountId id) { return {wire::StreamKind::reading, id.value}; }
inline Stream post_stream(PostId id) { return {wire::StreamKind::post, id.value}; }
inline Stream delivery_stream(AccountId id) { return {wire::StreamKind::delivery, id.value}; }
inline Stream erasure_stream(SchoolId id) { return {wire::StreamKind::erasure, id.value}; }
inline Stream key_stream(KeyId id) { return {wire::StreamKind::key, id.value}; }
inline Stream roster_import_stream(RosterImportId id) {
  return {wire::StreamKind::roster_import, id.value};
}

}  // namespace klasboek::events

template <>
struct std::hash<klasboek::events::Stream> {
  std::size_t operator()(const klasboek::events::Stream& stream) const noexcept {
    return std::hash<klasboek::events::Uuid>{}(stream.subject) * 31 +
           static_cast<std::size_t>(stream.kind);
  }
};
