#include <flatbuffers/flatbuffers.h>

#include <map>
#include <optional>
#include <string>

#include "aggregates/facts.h"
#include "events/schema/envelope_generated.h"
#include "projections/fold_rows.h"
#include "projections/view.h"
#include "tests/fuzz/inputs.h"

namespace klasboek::tests::fuzz {

namespace {

using namespace events;

/// All that happened, by stream; folds and views of it.
class Happenings final : public StreamSource {
 public:
  Happenings() : rows_(projections::all_views().size()) {}

  void add(RecordedEvent event) {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      projections::all_views()[i]->on(event, rows_[i]);
    }
    streams_[event.stream].push_back(std::move(event));
  }
  void fold_all() {
    aggregates::Facts facts(kFuzzedSchool, *this);
    for (const auto& [stream, events] : streams_) {
      must(facts.version_of(stream) == events.size(), "a fold is at its stream's version");
    }
  }
  [[nodiscard]] std::uint64_t version_of(const Stream& stream) const {
    const auto found = streams_.find(stream);
    return found == streams_.end() ? 0 : found->second.size();
  }
  std::uint64_t read(const Stream& stream, const Visit& visit) override {
    const auto found = streams_.find(stream);
    if (found == streams_.end()) return 0;
    for (const auto& event : found->second) visit(event);
    return found->second.size();
  }

 private:
  std::map<Stream, std::vector<RecordedEvent>> streams_;
  std::vector<projections::FoldRows> rows_;
};

/// Gives the event the id that it must have in this commit, and tells its stream; nullopt where the
/// bytes are no event.
std::optional<Stream> put_right(std::span<std::uint8_t> bytes, const CommandId& command) {
  flatbuffers::Verifier verifier(bytes.data(), bytes.size());
  if (!verifier.VerifyBuffer<wire::Event>(nullptr)) return std::nullopt;
  auto* event = flatbuffers::GetMutableRoot<wire::Event>(bytes.data());
  if (event->event() == nullptr || event->stream() == nullptr) return std::nullopt;
  const auto id = flatbuffers::Pack(event_id(kFuzzedSchool, command, 0));
  const auto at = reinterpret_cast<const std::uint8_t*>(event->event()) - bytes.data();
  const auto* from = reinterpret_cast<const std::uint8_t*>(&id);
  std::copy_n(from, sizeof(id), bytes.begin() + at);
  // The id may have been written over anything.
  flatbuffers::Verifier again(bytes.data(), bytes.size());
  if (!again.VerifyBuffer<wire::Event>(nullptr)) return std::nullopt;
  const auto* stream = event->stream();
  if (stream == nullptr) return std::nullopt;
  return Stream{stream->kind(), {stream->hi(), stream->lo()}};
}

}  // namespace

std::size_t carry(Input input) {
  static EmptyLedger ledger(false);
  log::Ledger::Batch batch(ledger.ledger());
  Happenings happened;
  std::uint64_t sequence = 0;
  for (const auto part : parts_of(input)) {
    const auto command =
        command_id_of_request(kFuzzedSchool, AccountId{}, std::to_string(sequence));
    const AlignedBytes aligned(part);
    Bytes bytes(part.begin(), part.end());
    const auto stream = put_right(bytes, command);
    if (!stream) continue;
    const Condition condition{*stream, happened.version_of(*stream)};
    const AlignedBytes record(frame_around(command, condition, bytes));
    const auto verdict = batch.apply(record.bytes(), sequence, std::nullopt);
    const auto view = read_frame(record.bytes());
    must(view.has_value() == std::holds_alternative<log::Applied>(verdict),
         "an event that can be read, where it should be, is in");
    if (!view) continue;
    check_frame(*view);
    auto event = decode_event(*view, 0);
    event.sequence = sequence++;
    event.stream_version = condition.expected_version + 1;
    event.recorded_at_us = std::get<log::Applied>(verdict).recorded_at_us;
    if (event.effective_at_us == 0) event.effective_at_us = event.recorded_at_us;
    happened.add(std::move(event));
  }
  happened.fold_all();
  return sequence;
}

void envelope(Input input) { carry(input); }

}  // namespace klasboek::tests::fuzz
