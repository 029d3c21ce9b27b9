#include "projections/build_place.h"

#include <algorithm>

#include "projections/row.h"

namespace klasboek::projections {

namespace {

constexpr std::uint32_t kFormat = 1;

std::string_view as_text(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

template <std::size_t N>
void read_into(RowReader& in, std::array<std::uint8_t, N>& bytes) {
  const auto text = in.text();
  if (text.size() != bytes.size()) throw RowDamaged("the place of a rebuild has another length");
  std::ranges::copy(text, bytes.begin());
}

events::Hash frame_before(const log::Ledger& ledger, log::Position end) {
  events::Hash hash{};
  if (end == 0) return hash;
  ledger.read_log(end - 1, [&](const log::StoredCommit& commit) {
    if (commit.position == end - 1) hash = events::sha256(commit.frame_bytes.bytes());
    return false;
  });
  return hash;
}

}  // namespace

std::string encode(const BuildPlace& place) {
  return RowWriter{}
      .u32(kFormat)
      .text(place.view)
      .u32(place.version)
      .text(as_text(place.log.log_id))
      .u32(place.log.partition)
      .u32(place.log.partition_count)
      .boolean(place.log.begins_with_genesis)
      .u64(place.end)
      .text(as_text(place.last_frame))
      .id(place.school)
      .u64(place.next_sequence)
      .boolean(place.is_whole)
      .take();
}

std::optional<BuildPlace> decode_build_place(std::string_view bytes) {
  try {
    RowReader in(bytes);
    if (in.u32() != kFormat) return std::nullopt;
    BuildPlace place;
    place.view = in.text();
    place.version = in.u32();
    read_into(in, place.log.log_id);
    place.log.partition = in.u32();
    place.log.partition_count = in.u32();
    place.log.begins_with_genesis = in.boolean();
    place.end = in.u64();
    read_into(in, place.last_frame);
    place.school = in.id<events::SchoolId>();
    place.next_sequence = in.u64();
    place.is_whole = in.boolean();
    return place;
  } catch (const RowDamaged&) {
    return std::nullopt;
  }
}

BuildPlace beginning(const View& view, const log::Ledger& ledger, log::Position end) {
  BuildPlace place;
  place.view = view.name();
  place.version = view.version();
  place.log = ledger.identity();
  place.end = end;
  place.last_frame = frame_before(ledger, end);
  return place;
}

BuildPlace whole_at(const View& view, const log::Ledger& ledger, log::Position end) {
  auto place = beginning(view, ledger, end);
  place.is_whole = true;
  return place;
}

bool fits(const BuildPlace& place, const View& view, const log::Ledger& ledger) {
  const auto tail = ledger.tail();
  const log::Position log_end = tail ? tail->position + 1 : 0;
  return place.view == view.name() && place.version == view.version() &&
         place.log == ledger.identity() && place.end <= log_end &&
         place.last_frame == frame_before(ledger, place.end);
}

}  // namespace klasboek::projections
