#include "tests/fuzz/inputs.h"

#include <algorithm>

#include "events/schema/envelope_generated.h"
#include "events/sealed_texts.h"

namespace klasboek::tests::fuzz {

using namespace events;

void must(bool holds, const char* what) {
  if (!holds) throw Broken(what);
}

std::vector<Input> parts_of(Input input) {
  std::vector<Input> parts;
  while (parts.size() < kPartsMax) {
    const auto between = std::ranges::search(input, kBetween);
    const auto size = static_cast<std::size_t>(between.begin() - input.begin());
    parts.push_back(input.first(size));
    if (between.empty()) break;
    input = input.subspan(size + kBetween.size());
  }
  return parts;
}

Bytes with_header(Input payload) {
  Bytes frame(kFrameHeaderBytes);
  std::ranges::copy(std::string_view("KBCF"), frame.begin());
  frame[4] = kFrameFormat;
  for (unsigned i = 0; i < 4; ++i) {
    frame[8 + i] = static_cast<std::uint8_t>(payload.size() >> (8 * i));
  }
  frame.insert(frame.end(), payload.begin(), payload.end());
  return frame;
}

Bytes frame_around(const CommandId& command, const Condition& condition, Input event) {
  flatbuffers::FlatBufferBuilder builder;
  builder.ForceVectorAlignment(event.size(), 1, 8);
  const auto bytes = builder.CreateVector(event.data(), event.size());
  const std::vector all{wire::CreateEventBytes(builder, bytes)};
  const auto events_at = builder.CreateVector(all);
  const auto& stream = condition.stream;
  const std::vector conditions{wire::Condition(
      wire::Stream(stream.kind, stream.subject.hi, stream.subject.lo), condition.expected_version)};
  const auto conditions_at = builder.CreateVectorOfStructs(conditions);
  const auto command_at = builder.CreateVector(command.data(), command.size());
  const auto attempt_at = builder.CreateVector(command.data(), command.size());
  const auto school = flatbuffers::Pack(kFuzzedSchool);
  builder.Finish(wire::CreateCommit(builder, &school, command_at, attempt_at, kDecidedAtUs,
                                    conditions_at, events_at),
                 wire::CommitIdentifier());
  return with_header({builder.GetBufferPointer(), builder.GetSize()});
}

namespace {

void check_event(const FrameView& view, std::uint32_t index) {
  const auto event = decode_event(view, index);
  must(event.stream == view.events[index].stream, "an event is decoded on another stream");
  // Must find its way through any event; what it finds is checked where decisions are.
  static_cast<void>(sealed_texts_in(view.events[index].bytes));
  NewCommit again;
  again.school = view.school;
  again.actor = event.actor;
  again.causation = event.causation;
  again.conditions = {{event.stream, 0}};
  again.events.push_back({event.stream, event.body, event.effective_at_us});
  const AlignedBytes encoded(encode_frame(again));
  if (encoded.bytes().size() > kFrameBytesMax) return;
  const auto view_again = read_frame(encoded.bytes());
  must(view_again.has_value(), "what was decoded and encoded again is no frame");
  const auto event_again = decode_event(*view_again, 0);
  must(event_again.body == event.body, "an event lost something on its way");
  must(event_again.actor == event.actor && event_again.causation == event.causation &&
           event_again.effective_at_us == event.effective_at_us,
       "an envelope lost something on its way");
}

}  // namespace

void check_frame(const FrameView& view) {
  for (std::uint32_t i = 0; i < view.events.size(); ++i) check_event(view, i);
  const auto input = decode_input(view.input);
  if (!input) return;
  const auto input_again = decode_input(encode_input(*input));
  must(input_again && input_again->command == input->command && input_again->actor == input->actor,
       "a command lost something on its way");
}

EmptyLedger::EmptyLedger(bool begins_with_genesis) {
  auto opened = log::Ledger::open(directory_ / "ledger",
                                  {.log_id = {0xF0}, .begins_with_genesis = begins_with_genesis});
  if (!opened) throw std::runtime_error(opened.error().message);
  ledger_ = *std::move(opened);
}

}  // namespace klasboek::tests::fuzz
