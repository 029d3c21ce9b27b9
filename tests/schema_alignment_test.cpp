// Found by fuzzing: FlatBuffers' verifier lets a vector of structs stand at any multiple of four,
// while its structs may only be read at theirs. A frame with such a vector is void, for every
// reader alike.
#include <flatbuffers/reflection.h>

#include <catch2/catch.hpp>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "events/schema/envelope_generated.h"
#include "tests/fuzz/inputs.h"
#include "tests/support/given.h"

namespace klasboek::tests {
namespace {

using namespace events;

/// Where the length of a vector stands, and what it counts, is aligned by FlatBuffers itself.
constexpr int kAlignedByVectors = 4;

/// `Table.field` of every vector of structs that must be aligned to more.
std::set<std::string> vectors_to_look_at() {
  const auto& schema = *reflection::GetSchema(schema_bytes().data());
  std::set<std::string> found;
  for (const auto* table : *schema.objects()) {
    for (const auto* field : *table->fields()) {
      const auto& type = *field->type();
      if (type.base_type() != reflection::Vector || type.element() != reflection::Obj) continue;
      const auto& element =
          *schema.objects()->Get(static_cast<flatbuffers::uoffset_t>(type.index()));
      if (!element.is_struct() || element.minalign() <= kAlignedByVectors) continue;
      const auto name = table->name()->str();
      found.insert(name.substr(name.rfind('.') + 1) + "." + field->name()->str());
    }
  }
  return found;
}

using Builder = flatbuffers::FlatBufferBuilder;

/// A vector of `count` elements with these bytes, which stand at a multiple of eight, or `shift`ed
/// to one of four. REQUIRES: their number is a multiple of eight.
flatbuffers::uoffset_t vector_of(Builder& builder, fuzz::Input bytes, std::size_t count,
                                 bool shift) {
  builder.Align(8);
  if (shift) builder.PushElement<std::uint32_t>(0);
  builder.PushBytes(bytes.data(), bytes.size());
  return builder.PushElement(static_cast<flatbuffers::uoffset_t>(count));
}

template <class Struct>
flatbuffers::Offset<flatbuffers::Vector<const Struct*>> vector_of(Builder& builder,
                                                                  const Struct& one, bool shift) {
  return vector_of(builder, {reinterpret_cast<const std::uint8_t*>(&one), sizeof(one)}, 1, shift);
}

/// The event's bytes around such a body.
Bytes event_of(Builder& builder, wire::EventBody type, flatbuffers::Offset<void> body) {
  const auto id =
      flatbuffers::Pack(event_id(kSchool, command_id_of_request(kSchool, AccountId{}, "a"), 0));
  const wire::Stream stream(StreamKind::erasure, kSchool.value.hi, kSchool.value.lo);
  const wire::Actor actor(flatbuffers::Pack(AccountId{}), Role::system,
                          flatbuffers::Pack(AccountId{}));
  wire::EventBuilder table(builder);
  table.add_event(&id);
  table.add_stream(&stream);
  table.add_actor(&actor);
  table.add_body_type(type);
  table.add_body(body);
  builder.Finish(table.Finish());
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

bool is_read(const Bytes& frame) {
  const AlignedBytes aligned(frame);
  return read_frame(aligned.bytes()).has_value();
}

bool event_is_read(const Bytes& event) {
  return is_read(fuzz::frame_around(command_id_of_request(kSchool, AccountId{}, "a"),
                                    {erasure_stream(kSchool), 0}, event));
}

Bytes post(bool shift) {
  Builder builder;
  const auto groups = vector_of(builder, flatbuffers::Pack(kClass), shift);
  wire::PostPublishedBuilder table(builder);
  table.add_groups(groups);
  return event_of(builder, wire::EventBody::PostPublished, table.Finish().Union());
}

Bytes erasure(bool shift) {
  Builder builder;
  const auto keys = vector_of(builder, flatbuffers::Pack(kKey), shift);
  wire::SubjectErasedBuilder table(builder);
  table.add_keys(keys);
  return event_of(builder, wire::EventBody::SubjectErased, table.Finish().Union());
}

Bytes destruction(bool shift) {
  Builder builder;
  const auto keys = vector_of(builder, flatbuffers::Pack(kKey), shift);
  wire::KeysDestroyedBuilder table(builder);
  table.add_keys(keys);
  return event_of(builder, wire::EventBody::KeysDestroyed, table.Finish().Union());
}

Bytes input_of(bool shift, bool in_chunk) {
  Builder builder;
  const auto groups = vector_of(builder, flatbuffers::Pack(kClass), shift);
  wire::PublishPostBuilder post(builder);
  post.add_groups(groups);
  auto command = post.Finish().Union();
  auto type = wire::CommandBody::PublishPost;
  if (in_chunk) {
    const std::vector steps{wire::CreateRosterStep(builder, type, command)};
    command =
        wire::CreateApplyRosterChunk(builder, nullptr, 0, builder.CreateVector(steps)).Union();
    type = wire::CommandBody::ApplyRosterChunk;
  }
  const wire::Actor actor(flatbuffers::Pack(AccountId{}), Role::system,
                          flatbuffers::Pack(AccountId{}));
  builder.Finish(wire::CreateInput(builder, type, command, &actor));
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

/// A frame with these, and nothing else that matters.
Bytes frame_of(Builder& builder, flatbuffers::uoffset_t conditions, flatbuffers::uoffset_t events,
               std::string_view rejection) {
  const auto id = builder.CreateVector(std::vector<std::uint8_t>(16, 1));
  const auto name = rejection.empty() ? 0 : builder.CreateString(rejection.data());
  const auto school = flatbuffers::Pack(kSchool);
  builder.Finish(wire::CreateCommit(builder, &school, id, id, 0, conditions, events, 0, 0, name),
                 wire::CommitIdentifier());
  return fuzz::with_header({builder.GetBufferPointer(), builder.GetSize()});
}

Bytes rejection(bool shift) {
  Builder builder;
  const wire::Condition condition(wire::Stream(StreamKind::school, 1, 2), 3);
  const auto conditions = vector_of(builder, condition, shift);
  const auto events = builder.CreateVector(std::vector<flatbuffers::Offset<wire::EventBytes>>{});
  return frame_of(builder, conditions.o, events.o, "leave_not_pending");
}

Bytes commit_of_a_post(bool shift) {
  const auto event = post(false);
  Builder builder;
  const auto bytes = vector_of(builder, event, event.size(), shift);
  const std::vector all{wire::CreateEventBytes(builder, bytes)};
  const auto events = builder.CreateVector(all);
  const auto conditions = builder.CreateVectorOfStructs(std::vector<wire::Condition>{});
  return frame_of(builder, conditions.o, events.o, "");
}

/// Read where it is aligned, and only there.
void check(const std::function<bool(bool shift)>& is_taken) {
  CHECK(is_taken(false));
  CHECK_FALSE(is_taken(true));
}

}  // namespace

TEST_CASE("every vector whose structs need more than its own alignment is looked at") {
  // A new one belongs in is_aligned() of events/codec.cpp, then here.
  CHECK(vectors_to_look_at() ==
        std::set<std::string>{"Commit.conditions", "EraseSubject.keys", "KeysDestroyed.keys",
                              "PostPublished.groups", "PublishPost.groups",
                              "RecordKeysDestroyed.keys", "SubjectErased.keys"});
}

TEST_CASE("a frame whose conditions aren't aligned is void") {
  check([](bool shift) { return is_read(rejection(shift)); });
}

TEST_CASE("an event whose ids aren't aligned is void") {
  check([](bool shift) { return event_is_read(post(shift)); });
  check([](bool shift) { return event_is_read(erasure(shift)); });
  check([](bool shift) { return event_is_read(destruction(shift)); });
}

TEST_CASE("a command whose ids aren't aligned isn't read, alone or in an import") {
  check([](bool shift) { return decode_input(input_of(shift, false)).has_value(); });
  check([](bool shift) { return decode_input(input_of(shift, true)).has_value(); });
}

TEST_CASE("an event that isn't aligned in its frame is void") {
  check([](bool shift) { return is_read(commit_of_a_post(shift)); });
}

}  // namespace klasboek::tests
