#include "tests/support/import_school.h"

#include <algorithm>
#include <stdexcept>

#include "reactions/invitation_code.h"
#include "reactions/verification.h"
#include "tests/support/roster_files.h"
#include "tests/support/source_dir.h"
#include "tests/support/vault_place.h"

namespace klasboek::tests {

namespace {

namespace directory = projections::directory;
namespace roster = api::roster;

constexpr std::int64_t kDayUs = 24LL * 3600 * 1'000'000;

template <class Rows, class Names>
auto only_one(const Rows& rows, const std::string& name, const Names& name_of) {
  const auto is_it = [&](const auto& row) { return name_of(row) == name; };
  if (std::ranges::count_if(rows, is_it) != 1) throw std::runtime_error("not one " + name);
  return *std::ranges::find_if(rows, is_it);
}

}  // namespace

ImportSchool::ImportSchool() : now_us_(roster_today().days * kDayUs + kDayUs / 2) {
  reopen();
  school_ = node().new_id<events::SchoolId>();
  events::FoundSchool command;
  command.school = school_;
  command.name = "De Proefschool";
  command.time_zone = "Europe/Amsterdam";
  give(command);
}

void ImportSchool::reopen() {
  installation_.reset();
  reactions::InstallationPlace place;
  place.data_directory = data_directory();
  place.master_key_file = master_key_file();
  auto opened =
      reactions::Installation::open(place, [this] { return now_us_; }, seeded_random(++openings_));
  if (!opened) throw std::runtime_error(opened.error().explanation);
  installation_ = *std::move(opened);
}

void ImportSchool::give(const events::CommandBody& command) {
  reactions::Order order;
  order.school = school_;
  order.actor = {{}, events::Role::operator_, {}};
  order.command = vault::draw<16>(node().random);
  order.build = [&](vault::Sealer&) -> std::expected<events::CommandBody, vault::VaultFault> {
    return command;
  };
  if (!std::holds_alternative<log::Done>(reactions::carry_out(node(), order))) {
    throw std::runtime_error("refused: " + std::string(events::name_of(command)));
  }
}

std::string ImportSchool::invite(events::AccountId account) {
  events::Invite command;
  command.account = account;
  command.invitation = node().new_id<events::InvitationId>();
  const auto code = reactions::invitation_code(node().vault, school_, command.invitation);
  command.code_digest = reactions::code_digest(code);
  command.expires_at_us = now_us_ + kDayUs;
  give(command);
  return code;
}

events::Day ImportSchool::today() const { return roster::school_day(node(), school_).value(); }

roster::Draft ImportSchool::draft(const Files& files) {
  return roster::draft_import(node(), school_, today(), files).value();
}

roster::ApplyOutcome ImportSchool::import(const Files& files, std::optional<std::size_t> leavers,
                                          const roster::LookOn& look_on) {
  return import_as(node().new_id<events::RosterImportId>(), files, leavers, look_on);
}

roster::ApplyOutcome ImportSchool::import_as(events::RosterImportId id, const Files& files,
                                             std::optional<std::size_t> leavers,
                                             const roster::LookOn& look_on) {
  const roster::ImportOrder order{.school = school_,
                                  .id = id,
                                  .actor = {{}, events::Role::operator_, {}},
                                  .leavers = leavers,
                                  .digest = roster::digest_of(node(), school_, files)};
  return roster::apply(node(), order, draft(files), look_on);
}

std::string ImportSchool::all_bytes() {
  close();
  std::string bytes;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(data_directory())) {
    if (entry.is_regular_file()) bytes += file_text(entry.path());
  }
  return bytes;
}

std::uint64_t ImportSchool::events_in_log() const {
  return node().shards.of(school_).ledger().school_head(school_).next_sequence;
}

std::string ImportSchool::open(const std::optional<projections::SealedText>& text) const {
  if (!text) return {};
  return node().vault.unseal(school_, text->command, text->sealed).value();
}

std::vector<directory::ChildRow> ImportSchool::children() const {
  return directory::children(views(), school_);
}
std::vector<directory::AccountRow> ImportSchool::accounts() const {
  return directory::accounts(views(), school_);
}
std::vector<directory::GroupRow> ImportSchool::groups() const {
  return directory::groups(views(), school_);
}

directory::ChildRow ImportSchool::child(const std::string& name) const {
  return only_one(children(), name,
                  [&](const auto& row) { return api::person_name_of(open(row.name)).full(); });
}

directory::AccountRow ImportSchool::account(const std::string& name) const {
  return only_one(accounts(), name,
                  [&](const auto& row) { return api::person_name_of(open(row.name)).full(); });
}

std::string ImportSchool::class_of(const std::string& name) const {
  const auto group = child(name).class_on(today());
  if (!group) return {};
  return open(directory::group(views(), school_, *group).value().name);
}

std::vector<std::string> ImportSchool::faults() {
  const TemporaryDirectory scratch;
  return reactions::verify(node().shards.of(school_).ledger(), scratch.path() / "copy").faults;
}

ImportSchool::Files demo_files() {
  const std::string root = source_path("tools/demo_school/");
  return {{"roster.xml", file_text(root + "roster.xml")},
          {"guardians.csv", file_text(root + "guardians.csv")}};
}

std::string with(std::string text, const std::string& what, const std::string& by) {
  const auto at = text.find(what);
  if (at == std::string::npos) throw std::runtime_error("not in the text: " + what);
  return text.replace(at, what.size(), by);
}

}  // namespace klasboek::tests
