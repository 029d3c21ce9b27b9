#include "events/commit.h"

#include <catch2/catch.hpp>

namespace klasboek::events {
namespace {

NewCommit some_commit() {
  const SchoolId school{{1, 2}};
  const ChildId child{{3, 4}};
  NewCommit commit;
  commit.school = school;
  commit.command = command_id_of_request(school, AccountId{{5, 6}}, "key-1");
  commit.attempt[0] = 9;
  commit.decided_at_us = 1'780'000'000'000'000;
  commit.actor = {AccountId{{5, 6}}, Role::guardian, {}};
  commit.conditions = {{leave_stream(child), 0}, {child_stream(child), 7}};
  LeaveRequested requested;
  requested.leave = LeaveId{{7, 8}};
  requested.ground = LeaveGround::other_circumstances;
  requested.first_day = Day{20'000};
  requested.last_day = Day{20'001};
  requested.motivation = std::make_unique<Sealed>();
  requested.motivation->key = KeyId{{9, 9}};
  requested.motivation->ciphertext = {1, 2, 3};
  commit.events.push_back({leave_stream(child), requested, 0});
  RequestLeave command;
  command.child = child;
  commit.input = encode_input({command, commit.actor});
  return commit;
}

TEST_CASE("a commit comes out of its frame as it went in") {
  const auto commit = some_commit();
  const AlignedBytes bytes(encode_frame(commit));
  const auto view = read_frame(bytes.bytes());
  REQUIRE(view.has_value());
  CHECK(view->school == commit.school);
  CHECK(view->command == commit.command);
  CHECK(view->attempt == commit.attempt);
  CHECK(view->conditions == commit.conditions);
  REQUIRE(view->events.size() == 1);
  const auto event = decode_event(*view, 0);
  CHECK(event.body == commit.events[0].body);
  CHECK(event.actor == commit.actor);
  CHECK(event.event == event_id(commit.school, commit.command, 0));
  CHECK(name_of(event.body) == "LeaveRequested");
  const auto input = decode_input(view->input);
  REQUIRE(input.has_value());
  CHECK(name_of(input->command) == "RequestLeave");
}

TEST_CASE("a frame cut short anywhere is no commit") {
  const auto frame = encode_frame(some_commit());
  for (std::size_t length = 0; length < frame.size(); ++length) {
    const AlignedBytes cut(std::span<const std::uint8_t>(frame).first(length));
    CHECK_FALSE(read_frame(cut.bytes()).has_value());
  }
}

}  // namespace
}  // namespace klasboek::events
