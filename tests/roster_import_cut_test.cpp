// An import that is cut off, at every place where it can be, and goes on.
#include <catch2/catch.hpp>
#include <set>

#include "tests/support/import_school.h"

namespace klasboek::tests {
namespace {

using namespace api::roster;

ImportSchool::Files demo() { return demo_files(); }

/// Looks on until so many commits are done.
LookOn cut_after(std::uint32_t commits) {
  return [commits, seen = std::uint32_t{0}](std::uint32_t, std::uint32_t) mutable {
    return seen++ < commits;
  };
}

std::uint32_t commits_of_an_import() {
  ImportSchool school;
  const auto outcome = school.import(demo());
  REQUIRE(outcome.end == ApplyEnd::completed);
  REQUIRE(outcome.state.chunks > 1);
  return outcome.state.chunks + 2;
}

/// Everybody and everything is there once.
void check_whole(ImportSchool& school) {
  CHECK(changes_nothing(school.draft(demo()).plan));
  CHECK(school.groups().size() == 3);
  CHECK(school.children().size() == 60);
  std::multiset<std::string> names;
  for (const auto& row : school.accounts()) {
    names.insert(school.open(row.name) + school.open(row.contact));
    CHECK((row.holds_role(events::Role::teacher, school.today()) ||
           row.holds_role(events::Role::office, school.today()) ||
           row.holds_role(events::Role::care, school.today()) || !row.children.empty() ||
           school.open(row.contact).contains("verzonnenvaart")));
  }
  for (const auto& name : names) CHECK(names.count(name) == 1);
  CHECK(school.faults().empty());
}

TEST_CASE("cut off after any commit, the same import goes on and makes nothing twice") {
  const auto commits = commits_of_an_import();
  for (std::uint32_t cut = 0; cut < commits; ++cut) {
    INFO("cut off after " << cut << " of " << commits << " commits");
    ImportSchool school;
    const auto id = school.node().new_id<events::RosterImportId>();
    REQUIRE(school.import_as(id, demo(), {}, cut_after(cut)).end == ApplyEnd::cut_off);
    school.reopen();
    const auto outcome = school.import_as(id, demo());
    REQUIRE(outcome.end == ApplyEnd::completed);
    CHECK(outcome.steps_left == 0);
    CHECK(state_of(school.node(), school.school(), id).completed);
    check_whole(school);
    const auto before = school.events_in_log();
    CHECK(school.import_as(id, demo()).end == ApplyEnd::completed);
    CHECK(school.events_in_log() == before);
  }
}

TEST_CASE("cut off after any commit, a new import of the same files does what is left") {
  const auto commits = commits_of_an_import();
  for (std::uint32_t cut = 0; cut < commits; ++cut) {
    INFO("cut off after " << cut << " of " << commits << " commits");
    ImportSchool school;
    REQUIRE(school.import(demo(), {}, cut_after(cut)).end == ApplyEnd::cut_off);
    school.reopen();
    school.next_day();
    REQUIRE(school.import(demo()).end == ApplyEnd::completed);
    check_whole(school);
  }
}

}  // namespace
}  // namespace klasboek::tests
