#pragma once
// A founded school in a whole installation, into which tests import roster files.
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "api/roster_apply.h"
#include "events/command.h"
#include "projections/directory.h"
#include "reactions/installation.h"
#include "tests/support/temporary_directory.h"

namespace klasboek::tests {

class ImportSchool {
 public:
  /// On 23 November 2026, as roster_today().
  ImportSchool();

  using Files = std::vector<api::roster::NamedFile>;

  api::roster::Draft draft(const Files& files);
  /// A new import of these files.
  api::roster::ApplyOutcome import(const Files& files, std::optional<std::size_t> leavers = {},
                                   const api::roster::LookOn& look_on = {});
  /// The import with this id.
  api::roster::ApplyOutcome import_as(events::RosterImportId id, const Files& files,
                                      std::optional<std::size_t> leavers = {},
                                      const api::roster::LookOn& look_on = {});

  /// Gives a command as the operator; throws where it is refused.
  void give(const events::CommandBody& command);
  /// A new invitation for the account; its code.
  std::string invite(events::AccountId account);

  void next_day() { now_us_ += 24LL * 3600 * 1'000'000; }
  /// As after a crash: everything that was only in memory is gone.
  void reopen();
  /// Closes it and gives the bytes of every file that it keeps.
  std::string all_bytes();

  const reactions::Node& node() const { return installation_->node(); }
  events::SchoolId school() const { return school_; }
  events::Day today() const;
  std::uint64_t events_in_log() const;
  projections::ViewSnapshot views() const { return node().shards.of(school_).views(); }

  std::string open(const std::optional<projections::SealedText>& text) const;
  std::vector<projections::directory::ChildRow> children() const;
  std::vector<projections::directory::AccountRow> accounts() const;
  std::vector<projections::directory::GroupRow> groups() const;
  /// Throws where there isn't exactly one with that full name.
  projections::directory::ChildRow child(const std::string& name) const;
  projections::directory::AccountRow account(const std::string& name) const;
  std::string class_of(const std::string& child) const;
  /// What the register's own verification finds wrong; empty where all is well.
  std::vector<std::string> faults();

  std::filesystem::path data_directory() const { return directory_.path() / "data"; }
  std::filesystem::path master_key_file() const { return directory_.path() / "master.key"; }
  void close() { installation_.reset(); }

 private:
  TemporaryDirectory directory_;
  std::int64_t now_us_ = 0;
  std::uint64_t openings_ = 0;
  events::SchoolId school_;
  std::unique_ptr<reactions::Installation> installation_;
};

/// The roster and the guardians of tools/demo_school.
ImportSchool::Files demo_files();
/// The text with the first `what` replaced; throws where it isn't there.
std::string with(std::string text, const std::string& what, const std::string& by);

}  // namespace klasboek::tests
