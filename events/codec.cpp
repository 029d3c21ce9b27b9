// Commit values to bytes and back. Generated code does the fields; here stand the frame around them
// and the checks that a reader needs before it may touch a byte.
#include <sodium.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "events/commit.h"
#include "events/schema/envelope_bfbs.h"
#include "events/schema/envelope_generated.h"
#include "events/upcast.h"

namespace klasboek::events {

namespace {

constexpr std::array<std::uint8_t, 4> kMagic = {'K', 'B', 'C', 'F'};
constexpr std::size_t kFormatAt = 4;
constexpr std::size_t kLengthAt = 8;
constexpr std::size_t kSchemaAt = 16;
constexpr std::size_t kSchemaBytes = 16;
/// Of an event's bytes within its frame.
constexpr std::size_t kEventAlignment = 8;
constexpr unsigned kVerifierDepthMax = 64;
constexpr unsigned kVerifierTablesMax = 100'000;

wire::Stream to_wire(const Stream& stream) {
  return {stream.kind, stream.subject.hi, stream.subject.lo};
}
Stream from_wire(const wire::Stream& stream) { return {stream.kind(), {stream.hi(), stream.lo()}}; }

wire::Actor to_wire(const Actor& actor) {
  return {flatbuffers::Pack(actor.account), actor.role, flatbuffers::Pack(actor.on_behalf_of)};
}
Actor from_wire(const wire::Actor& actor) {
  return {flatbuffers::UnPack(actor.account()), actor.role(),
          flatbuffers::UnPack(actor.on_behalf_of())};
}

flatbuffers::Verifier verifier_of(std::span<const std::uint8_t> bytes) {
  return {bytes.data(), bytes.size(), kVerifierDepthMax, kVerifierTablesMax};
}

template <class Native>
Native unpack_as(const void* table) {
  Native native;
  static_cast<const typename Native::TableType*>(table)->UnPackTo(&native);
  return native;
}

/// The body among `Kinds` whose union number is `type`, unpacked from its table.
template <class Body, class Kinds, template <class> class Traits, class Type, std::size_t I = 0>
std::optional<Body> unpack_union(Type type, const void* table) {
  if constexpr (I == std::variant_size_v<Kinds>) {
    return std::nullopt;
  } else {
    using Native = std::variant_alternative_t<I, Kinds>;
    if (Traits<Native>::enum_value == type) {
      return Body(unpack_as<Native>(table));
    }
    return unpack_union<Body, Kinds, Traits, Type, I + 1>(type, table);
  }
}

template <class Native>
using EventTraits = wire::EventBodyUnionTraits<Native>;
template <class Native>
using CommandTraits = wire::CommandBodyUnionTraits<Native>;

template <class Native>
flatbuffers::Offset<void> pack(flatbuffers::FlatBufferBuilder& builder, const Native& native) {
  return Native::TableType::Pack(builder, &native).Union();
}

Bytes encode_event(const NewCommit& commit, std::uint32_t index) {
  const NewEvent& event = commit.events[index];
  flatbuffers::FlatBufferBuilder builder(512);
  const auto body =
      std::visit([&](const auto& native) { return pack(builder, native); }, event.body);
  const auto id = flatbuffers::Pack(event_id(commit.school, commit.command, index));
  const auto stream = to_wire(event.stream);
  const auto actor = to_wire(commit.actor);
  const auto causation = flatbuffers::Pack(commit.causation);
  wire::EventBuilder table(builder);
  table.add_event(&id);
  table.add_stream(&stream);
  table.add_actor(&actor);
  table.add_effective_at_us(event.effective_at_us);
  if (!commit.causation.is_zero()) table.add_causation(&causation);
  table.add_body_type(wire::EventBody{number_of(event.body)});
  table.add_body(body);
  builder.Finish(table.Finish());
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

void put_le(std::uint8_t* out, std::uint64_t value, int width) {
  for (int i = 0; i < width; ++i) out[i] = static_cast<std::uint8_t>(value >> (8 * i));
}
std::uint64_t get_le(const std::uint8_t* in, int width) {
  std::uint64_t value = 0;
  for (int i = width - 1; i >= 0; --i) value = (value << 8) | in[i];
  return value;
}

template <std::size_t N>
bool copy_exactly(const flatbuffers::Vector<std::uint8_t>* from, std::array<std::uint8_t, N>& to) {
  if (from == nullptr || from->size() != N) return false;
  std::memcpy(to.data(), from->data(), N);
  return true;
}

std::span<const std::uint8_t> span_of(const flatbuffers::Vector<std::uint8_t>* vector) {
  if (vector == nullptr) return {};
  return {vector->data(), vector->size()};
}

/// Whether structs in a vector stand where they may be read; FlatBuffers' verifier looks at the
/// alignment of everything else. All of them are listed in schema_alignment_test.
template <class Struct>
bool is_aligned(const flatbuffers::Vector<const Struct*>* structs) {
  return structs == nullptr || structs->size() == 0 ||
         reinterpret_cast<std::uintptr_t>(structs->Data()) % alignof(Struct) == 0;
}

bool is_aligned(const wire::Event& event) {
  const auto* post = event.body_as_PostPublished();
  const auto* erased = event.body_as_SubjectErased();
  const auto* destroyed = event.body_as_KeysDestroyed();
  return (post == nullptr || is_aligned(post->groups())) &&
         (erased == nullptr || is_aligned(erased->keys())) &&
         (destroyed == nullptr || is_aligned(destroyed->keys()));
}

/// REQUIRES: the command's type is `type`, and it was verified.
bool is_aligned(wire::CommandBody type, const void* command) {
  if (type == wire::CommandBody::PublishPost) {
    return is_aligned(static_cast<const wire::PublishPost*>(command)->groups());
  }
  if (type == wire::CommandBody::EraseSubject) {
    return is_aligned(static_cast<const wire::EraseSubject*>(command)->keys());
  }
  if (type == wire::CommandBody::RecordKeysDestroyed) {
    return is_aligned(static_cast<const wire::RecordKeysDestroyed*>(command)->keys());
  }
  if (type != wire::CommandBody::ApplyRosterChunk) return true;
  const auto* steps = static_cast<const wire::ApplyRosterChunk*>(command)->steps();
  return steps == nullptr || std::ranges::all_of(*steps, [](const wire::RosterStep* step) {
           return step->command() == nullptr || is_aligned(step->command_type(), step->command());
         });
}

/// nullptr where the type is one that is still written.
const OldKind* old_kind_of(std::uint8_t type) {
  const auto found = std::ranges::find(old_kinds(), type, &OldKind::type);
  return found == old_kinds().end() ? nullptr : &*found;
}

/// The event's table if its own bytes verify, say where they belong, and are of a type that the
/// frame's format has.
const wire::Event* verified_event(std::span<const std::uint8_t> bytes, std::uint16_t format) {
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % kEventAlignment != 0) return nullptr;
  auto verifier = verifier_of(bytes);
  if (!verifier.VerifyBuffer<wire::Event>(nullptr)) return nullptr;
  const auto* event = flatbuffers::GetRoot<wire::Event>(bytes.data());
  const auto type = std::to_underlying(event->body_type());
  if (event->event() == nullptr || event->stream() == nullptr || event->actor() == nullptr ||
      event->body() == nullptr || type == 0 || type > event_types_max(format) ||
      !is_aligned(*event)) {
    return nullptr;
  }
  const auto* old = old_kind_of(type);
  return old == nullptr || old->verify(verifier, event->body()) ? event : nullptr;
}

}  // namespace

std::string_view name_of(const EventBody& body) {
  return wire::EnumNameEventBody(wire::EventBody{number_of(body)});
}

std::uint8_t number_of(const EventBody& body) {
  return std::visit(
      [](const auto& native) {
        return std::to_underlying(EventTraits<std::decay_t<decltype(native)>>::enum_value);
      },
      body);
}

std::string_view name_of(const CommandBody& command) {
  return std::visit(
      [](const auto& native) {
        return wire::EnumNameCommandBody(CommandTraits<std::decay_t<decltype(native)>>::enum_value);
      },
      command);
}

std::string to_text(const Stream& stream) {
  return std::string(wire::EnumNameStreamKind(stream.kind)) + "/" + to_type_id("", stream.subject);
}

Bytes encode_frame(const NewCommit& commit) {
  flatbuffers::FlatBufferBuilder builder(2048);
  std::vector<flatbuffers::Offset<wire::EventBytes>> events;
  events.reserve(commit.events.size());
  for (std::uint32_t i = 0; i < commit.events.size(); ++i) {
    const Bytes bytes = encode_event(commit, i);
    builder.ForceVectorAlignment(bytes.size(), 1, kEventAlignment);
    events.push_back(wire::CreateEventBytes(builder, builder.CreateVector(bytes)));
  }
  std::vector<wire::Condition> conditions;
  conditions.reserve(commit.conditions.size());
  for (const auto& condition : commit.conditions) {
    conditions.emplace_back(to_wire(condition.stream), condition.expected_version);
  }
  const auto events_at = builder.CreateVector(events);
  const auto conditions_at = builder.CreateVectorOfStructs(conditions);
  const auto command_at = builder.CreateVector(commit.command.data(), commit.command.size());
  const auto attempt_at = builder.CreateVector(commit.attempt.data(), commit.attempt.size());
  builder.ForceVectorAlignment(commit.input.size(), 1, 8);
  const auto input_at = builder.CreateVector(commit.input);
  const auto fingerprint_at = builder.CreateVector(commit.fingerprint);
  const auto rejection_at = commit.rejection.empty() ? 0 : builder.CreateString(commit.rejection);
  const auto school = flatbuffers::Pack(commit.school);
  wire::CommitBuilder table(builder);
  table.add_school(&school);
  table.add_command(command_at);
  table.add_attempt(attempt_at);
  table.add_decided_at_us(commit.decided_at_us);
  table.add_conditions(conditions_at);
  table.add_events(events_at);
  table.add_input(input_at);
  table.add_fingerprint(fingerprint_at);
  if (!commit.rejection.empty()) table.add_rejection(rejection_at);
  builder.Finish(table.Finish(), wire::CommitIdentifier());

  Bytes frame(kFrameHeaderBytes + builder.GetSize());
  std::ranges::copy(kMagic, frame.begin());
  put_le(frame.data() + kFormatAt, kFrameFormat, 2);
  put_le(frame.data() + kLengthAt, builder.GetSize(), 4);
  std::memcpy(frame.data() + kSchemaAt, schema_hash().data(), kSchemaBytes);
  std::memcpy(frame.data() + kFrameHeaderBytes, builder.GetBufferPointer(), builder.GetSize());
  return frame;
}

std::optional<std::uint16_t> format_of_frame(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < kFrameHeaderBytes ||
      !std::equal(kMagic.begin(), kMagic.end(), bytes.begin()) ||
      get_le(bytes.data() + kLengthAt, 4) != bytes.size() - kFrameHeaderBytes) {
    return std::nullopt;
  }
  return static_cast<std::uint16_t>(get_le(bytes.data() + kFormatAt, 2));
}

std::expected<FrameView, FrameFault> read_frame(std::span<const std::uint8_t> bytes) {
  const auto format = format_of_frame(bytes);
  if (!format) return std::unexpected(FrameFault::not_a_frame);
  if (event_types_max(*format) == 0) return std::unexpected(FrameFault::unknown_format);
  if (bytes.size() > kFrameBytesMax) return std::unexpected(FrameFault::too_large);
  const auto payload = bytes.subspan(kFrameHeaderBytes);
  auto verifier = verifier_of(payload);
  if (!verifier.VerifyBuffer<wire::Commit>(wire::CommitIdentifier())) {
    return std::unexpected(FrameFault::verification);
  }
  const auto* commit = wire::GetCommit(payload.data());
  FrameView view;
  if (commit->school() == nullptr || !copy_exactly(commit->command(), view.command) ||
      !copy_exactly(commit->attempt(), view.attempt) || commit->conditions() == nullptr ||
      !is_aligned(commit->conditions()) || commit->events() == nullptr ||
      commit->events()->size() > kEventsPerCommitMax ||
      commit->conditions()->size() > kConditionsPerCommitMax) {
    return std::unexpected(FrameFault::verification);
  }
  view.school = flatbuffers::UnPack(*commit->school());
  view.decided_at_us = commit->decided_at_us();
  view.conditions.reserve(commit->conditions()->size());
  for (const auto* condition : *commit->conditions()) {
    view.conditions.push_back({from_wire(condition->stream()), condition->expected_version()});
  }
  view.events.reserve(commit->events()->size());
  for (const auto* framed : *commit->events()) {
    const auto event_bytes = span_of(framed->bytes());
    const auto* event = verified_event(event_bytes, *format);
    if (event == nullptr) return std::unexpected(FrameFault::verification);
    view.events.push_back({event_bytes, flatbuffers::UnPack(*event->event()),
                           from_wire(*event->stream()), std::to_underlying(event->body_type())});
  }
  view.input = span_of(commit->input());
  view.fingerprint = span_of(commit->fingerprint());
  if (commit->rejection() != nullptr) view.rejection = commit->rejection()->string_view();
  // A settled rejection has no events, and a commit without events is one.
  if (view.rejection.empty() == view.events.empty()) {
    return std::unexpected(FrameFault::verification);
  }
  return view;
}

AlignedBytes::AlignedBytes(std::span<const std::uint8_t> bytes)
    : words_((bytes.size() + 7) / 8), size_(bytes.size()) {
  if (!bytes.empty()) std::memcpy(words_.data(), bytes.data(), bytes.size());
}

std::span<const std::uint8_t> AlignedBytes::bytes() const {
  return {reinterpret_cast<const std::uint8_t*>(words_.data()), size_};
}

namespace {

/// REQUIRES: verified.
EventBody body_of(const wire::Event& event) {
  if (const auto* old = old_kind_of(std::to_underlying(event.body_type()))) {
    return old->upcast(event.body());
  }
  auto body = unpack_union<EventBody, EventKinds, EventTraits>(event.body_type(), event.body());
  // events/upcast.cpp doesn't compile where a type is neither in the program nor upcast.
  if (!body) std::abort();
  return *std::move(body);
}

}  // namespace

RecordedEvent decode_event(const FrameView& frame, std::uint32_t index) {
  const auto* event = flatbuffers::GetRoot<wire::Event>(frame.events[index].bytes.data());
  RecordedEvent recorded;
  recorded.school = frame.school;
  recorded.event = frame.events[index].event;
  recorded.stream = frame.events[index].stream;
  recorded.decided_at_us = frame.decided_at_us;
  recorded.effective_at_us = event->effective_at_us();
  recorded.actor = from_wire(*event->actor());
  recorded.command = frame.command;
  recorded.index_in_commit = index;
  if (event->causation() != nullptr) recorded.causation = flatbuffers::UnPack(*event->causation());
  recorded.body = body_of(*event);
  return recorded;
}

Bytes encode_input(const Input& input) {
  flatbuffers::FlatBufferBuilder builder(256);
  const auto command =
      std::visit([&](const auto& native) { return pack(builder, native); }, input.command);
  const auto type = std::visit(
      [](const auto& native) { return CommandTraits<std::decay_t<decltype(native)>>::enum_value; },
      input.command);
  const auto actor = to_wire(input.actor);
  wire::InputBuilder table(builder);
  table.add_command_type(type);
  table.add_command(command);
  table.add_actor(&actor);
  builder.Finish(table.Finish());
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

std::optional<Input> decode_input(std::span<const std::uint8_t> bytes) {
  const AlignedBytes aligned(bytes);
  auto verifier = verifier_of(aligned.bytes());
  if (!verifier.VerifyBuffer<wire::Input>(nullptr)) return std::nullopt;
  const auto* input = flatbuffers::GetRoot<wire::Input>(aligned.bytes().data());
  if (input->command() == nullptr || input->actor() == nullptr ||
      !is_aligned(input->command_type(), input->command())) {
    return std::nullopt;
  }
  auto command = unpack_union<CommandBody, CommandKinds, CommandTraits>(
      input->command_type(), static_cast<const void*>(input->command()));
  if (!command) return std::nullopt;
  return Input{std::move(*command), from_wire(*input->actor())};
}

const Hash& schema_hash() {
  static const Hash hash = std::to_array(schema::kEnvelopeHash);
  return hash;
}

std::span<const std::uint8_t> schema_bytes() { return schema::kEnvelopeBfbs; }

}  // namespace klasboek::events
