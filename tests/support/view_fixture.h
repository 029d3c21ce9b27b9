#pragma once
// Views to test, over an embedded log in a directory of its own, on a real RocksDB. What happens is
// told by a Story (given.h) and goes into the log as it is told.
//
//   SchoolViews school;
//   school.story.by(kTeacher).when(…).then_accepted();
//   CHECK(feed::page(school.views(), kSchool, …)…);
#include <chrono>
#include <map>
#include <memory>

#include "events/log/embedded_log.h"
#include "projections/projector.h"
#include "tests/support/given.h"
#include "tests/support/log_fixture.h"

namespace klasboek::tests {

inline constexpr std::chrono::milliseconds kViewsWaitMax{30'000};

/// The event of a story as it is in this school: only what is the school's own names it.
events::NewEvent moved_to(events::SchoolId school, const events::RecordedEvent& event);

/// A log with its views; one thread.
class ViewFixture {
 public:
  ViewFixture();
  ~ViewFixture();
  ViewFixture(const ViewFixture&) = delete;
  ViewFixture& operator=(const ViewFixture&) = delete;

  /// Appends what happened in the story since it was last appended for this school: a commit for
  /// all that one actor did at one moment. The story's own school becomes this one.
  void append(const Story& story, events::SchoolId school = kSchool);
  /// Views with everything that was appended.
  [[nodiscard]] projections::ViewSnapshot views();
  [[nodiscard]] projections::Projector& projector() { return *projector_; }
  [[nodiscard]] const log::Ledger& ledger() const { return log_->ledger(); }
  [[nodiscard]] log::EventLog& log() { return *log_; }
  [[nodiscard]] std::filesystem::path views_directory() const { return directory_ / "views"; }
  /// REQUIRES: no snapshot is held.
  void close_views() { projector_.reset(); }
  void open_views(projections::RebuildOptions rebuilding = {});
  /// On this disk, which outlives them; false where it doesn't let them.
  [[nodiscard]] bool try_open_views(rocksdb::Env* disk);

 private:
  void append_commit(events::NewCommit commit);

  TemporaryDirectory directory_;
  CountingKeySink keys_;
  std::unique_ptr<log::EmbeddedLog> log_;
  std::unique_ptr<projections::Projector> projector_;
  struct School {
    std::uint64_t next_sequence = 0;
    std::map<events::Stream, std::uint64_t> versions;
  };
  std::map<events::SchoolId, School> schools_;
  std::uint64_t commits_ = 0;
  log::Position last_ = 0;
};

/// One school and its views.
class SchoolViews {
 public:
  Story story = a_school();
  ViewFixture fixture;
  /// Views of all that was told.
  [[nodiscard]] projections::ViewSnapshot views() {
    fixture.append(story);
    return fixture.views();
  }
  /// Sequence of the last event that was told.
  [[nodiscard]] std::uint64_t last_sequence() const { return story.history().back().sequence; }
};

}  // namespace klasboek::tests
