// Rights that end while a request is under way end there too: what was looked at when it was let in
// is looked at again when it is decided.
#include <catch2/catch.hpp>

#include "tests/support/api_school.h"
#include "tests/support/given.h"

namespace klasboek::tests {
namespace {

template <class AnId>
AnId id_of(const ApiSchool& school, const std::string& name) {
  return *events::parse_id<AnId>(school.id(name));
}

/// Somebody asks; when the request was let in and its texts are being sealed, something happens.
log::SubmitOutcome ask_while(ApiSchool& school, const events::Actor& actor,
                             const events::CommandBody& command,
                             const std::function<void()>& happens) {
  const auto& node = school.installation().node();
  reactions::Order order;
  order.school = id_of<events::SchoolId>(school, "school");
  order.actor = actor;
  order.command = vault::draw<16>(node.random);
  order.build = [&](vault::Sealer&) -> std::expected<events::CommandBody, vault::VaultFault> {
    happens();
    return command;
  };
  return reactions::carry_out(node, order);
}

std::string refusal(const log::SubmitOutcome& outcome) {
  const auto* refused = std::get_if<log::Refused>(&outcome);
  return refused == nullptr ? "not refused" : std::string(refused->rejection);
}

events::ReportAbsence absence_of(const ApiSchool& school, std::string_view first_day) {
  return made<events::ReportAbsence>([&](auto& c) {
    c.child = id_of<events::ChildId>(school, "child");
    c.absence = numbered<events::AbsenceId>(static_cast<std::uint64_t>(day(first_day).days));
    c.first_day = day(first_day);
    c.last_day = day(first_day);
    c.whole_days = true;
  });
}

TEST_CASE("a guardian who is unlinked, shielded from or blocked meanwhile is refused") {
  ApiSchool school;
  const events::Actor mother{
      id_of<events::AccountId>(school, "mother"), events::Role::guardian, {}};
  const events::Actor father{
      id_of<events::AccountId>(school, "father"), events::Role::guardian, {}};
  const auto child = "/children/" + school.id("child");
  CHECK(std::holds_alternative<log::Done>(
      ask_while(school, mother, absence_of(school, "2026-11-02"), [] {})));
  CHECK(refusal(ask_while(school, father, absence_of(school, "2026-11-03"), [&] {
          ApiSchool::done(school.remove("director", child + "/guardians/" + school.id("father")));
        })) == "not_own_child");
  const events::Actor stepfather{
      id_of<events::AccountId>(school, "stepfather"), events::Role::guardian, {}};
  ApiSchool::done(school.patch("director", child + "/guardians/" + school.id("stepfather"),
                               {{"authority", "with"}}));
  CHECK(refusal(ask_while(school, stepfather, absence_of(school, "2026-11-05"), [&] {
          ApiSchool::done(school.post("director",
                                      child + "/guardians/" + school.id("stepfather") + "/shield",
                                      {{"reason", "Een uitspraak"}}));
        })) == "not_own_child");
  CHECK(refusal(ask_while(school, mother, absence_of(school, "2026-11-04"), [&] {
          ApiSchool::done(school.post("director", "/accounts/" + school.id("mother") + "/block",
                                      {{"reason", "Gedragsregels"}}));
        })) == "account_not_active");
}

TEST_CASE("a teacher whose assignment ends meanwhile is refused") {
  ApiSchool school;
  const events::Actor teacher{
      id_of<events::AccountId>(school, "teacher"), events::Role::teacher, {}};
  CHECK(refusal(ask_while(school, teacher, absence_of(school, "2026-11-02"), [&] {
          ApiSchool::done(school.remove("director", "/groups/" + school.id("class") +
                                                        "/assignments/" + school.id("teacher") +
                                                        "?last_day=2026-10-04"));
        })) == "not_own_class");
}

TEST_CASE("a grant that ends while an auditor asks is over for that very read") {
  ApiSchool school;
  school.admit("inspector");
  ApiSchool::done(school.post(
      "director", "/audit-grants",
      {{"account", school.id("inspector")}, {"last_day", "2026-10-30"}, {"purpose", "Onderzoek"}}));
  const events::Actor inspector{
      id_of<events::AccountId>(school, "inspector"), events::Role::auditor, {}};
  const auto reading = made<events::RecordAuditRead>([&](auto& c) {
    c.account = inspector.account;
    c.operation = "see_child";
    c.of_child = id_of<events::ChildId>(school, "child");
  });
  CHECK(std::holds_alternative<log::Done>(ask_while(school, inspector, reading, [] {})));
  CHECK(refusal(ask_while(school, inspector, reading, [&] {
          ApiSchool::done(school.remove("director", "/audit-grants/" + school.id("inspector")));
        })) == "role_not_held");
}

}  // namespace
}  // namespace klasboek::tests
