#include "tests/support/view_fixture.h"

#include <catch2/catch.hpp>

namespace klasboek::tests {

events::NewEvent moved_to(events::SchoolId school, const events::RecordedEvent& event) {
  events::NewEvent moved{event.stream, event.body, 0};
  if (event.effective_at_us != event.recorded_at_us) moved.effective_at_us = event.effective_at_us;
  if (moved.stream.kind == events::StreamKind::school) moved.stream.subject = school.value;
  if (auto* founded = std::get_if<events::SchoolFounded>(&moved.body)) founded->school = school;
  return moved;
}

ViewFixture::ViewFixture() {
  log::EmbeddedLogOptions options;
  options.directory = directory_ / "log";
  options.free_bytes_min = 0;
  auto opened = log::EmbeddedLog::open(options, keys_);
  REQUIRE(opened.has_value());
  log_ = *std::move(opened);
  log_->listen([this](log::Position position) {
    if (projector_) projector_->notify(position);
  });
  open_views();
}

ViewFixture::~ViewFixture() { log_->close(); }

void ViewFixture::open_views(projections::RebuildOptions rebuilding) {
  auto opened = projections::Projector::open(views_directory(), log_->ledger(), {}, {},
                                             std::move(rebuilding));
  if (!opened) FAIL("views: " << opened.error().message);
  projector_ = *std::move(opened);
}

bool ViewFixture::try_open_views(rocksdb::Env* disk) {
  log::Surroundings surroundings;
  surroundings.disk = disk;
  auto opened = projections::Projector::open(views_directory(), log_->ledger(), {}, surroundings);
  if (opened) projector_ = *std::move(opened);
  return opened.has_value();
}

void ViewFixture::append(const Story& story, events::SchoolId school) {
  auto& known = schools_[school];
  events::NewCommit commit;
  std::map<events::Stream, std::uint64_t> expected;
  const auto close = [&] {
    if (commit.events.empty()) return;
    for (const auto& [stream, version] : expected) commit.conditions.push_back({stream, version});
    append_commit(std::exchange(commit, {}));
    expected.clear();
  };
  for (const auto& event : story.history(known.next_sequence)) {
    if (commit.actor != event.actor || commit.decided_at_us != event.recorded_at_us) close();
    commit.school = school;
    commit.actor = event.actor;
    commit.decided_at_us = event.recorded_at_us;
    auto moved = moved_to(school, event);
    expected.try_emplace(moved.stream, known.versions[moved.stream]);
    ++known.versions[moved.stream];
    commit.events.push_back(std::move(moved));
    known.next_sequence = event.sequence + 1;
  }
  close();
}

void ViewFixture::append_commit(events::NewCommit commit) {
  const auto key = std::to_string(++commits_);
  commit.command = events::command_id_of_request(commit.school, commit.actor.account, key);
  const auto attempt = events::to_bytes(events::Uuid{1, commits_});
  std::ranges::copy(attempt, commit.attempt.begin());
  // Views never look at it; a real one names the command.
  events::RenameSchool command;
  command.name = key;
  commit.input = events::encode_input({command, commit.actor});
  const auto outcome = log::append_and_wait(*log_, {std::move(commit), {}}, kViewsWaitMax);
  const auto* committed = std::get_if<log::Committed>(&outcome);
  REQUIRE(committed != nullptr);
  last_ = committed->position;
}

projections::ViewSnapshot ViewFixture::views() {
  if (commits_ > 0) REQUIRE(projector_->wait_for(last_, kViewsWaitMax));
  return projections::ViewSnapshot(projector_->store());
}

}  // namespace klasboek::tests
