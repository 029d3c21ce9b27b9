// Random histories: people of all roles ask for all kinds of things, sensible and not, for more
// than a year. Whatever is decided folds; asking twice gives the same answer; and what a decision
// carried into the folds is what a fresh fold reads back.
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>
#include <string>

#include "aggregates/account.h"
#include "aggregates/child.h"
#include "aggregates/delivery.h"
#include "aggregates/group.h"
#include "aggregates/permissions.h"
#include "aggregates/post.h"
#include "aggregates/roster_import.h"
#include "aggregates/school.h"
#include "tests/support/given.h"

namespace klasboek::tests {
namespace {

using namespace events;
using aggregates::Facts;

constexpr int kHistories = 32;
constexpr int kQuestionsPerHistory = 600;
constexpr std::int64_t kMinuteUs = 60LL * 1'000'000;

/// All that is drawn by lot comes from one seed.
class Lot {
 public:
  explicit Lot(std::uint32_t seed) : engine_(seed) {}
  /// From 0 up to, not including, n.
  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(engine_() % n); }
  bool one_in(std::uint32_t n) { return below(n) == 0; }
  template <class Some>
  auto of(const Some& some) {
    return std::data(some)[below(static_cast<std::uint32_t>(std::size(some)))];
  }
  template <class AnId>
  AnId id(std::uint32_t among) {
    return numbered<AnId>(1 + below(among));
  }
  Day near(Day today) { return today.plus(static_cast<std::int32_t>(below(60)) - 10); }

 private:
  std::mt19937 engine_;
};

/// Has an account, and has yet to be invited.
constexpr auto kNewcomer = actor(7, Role::none);

const std::array kPeople = {kOperator, kSystem,   kDirector,     kDeputy,      kOffice,
                            kCare,     kTeacher,  kMother,       kFather,      kStepfather,
                            kStranger, kNewcomer, kOtherTeacher, kOtherMother, kNewcomer};

template <std::size_t I = 0>
CommandBody command_at(std::size_t alternative) {
  if constexpr (I == std::variant_size_v<events::CommandKinds>) {
    return {};
  } else {
    if (alternative != I) return command_at<I + 1>(alternative);
    return CommandBody(std::variant_alternative_t<I, events::CommandKinds>{});
  }
}

/// Fills what a command holds by the names of its members, mostly with what makes sense.
class Filler {
 public:
  Filler(Lot& lot, Story& story, Day today) : lot_(lot), story_(story), today_(today) {}

  void fill(CommandBody& command, const Actor& by) {
    std::visit(
        [&](auto& c) {
          ids(c, by);
          texts(c);
          days(c);
          choices(c);
          rest(c, by);
        },
        command);
  }

 private:
  template <class C>
  void ids(C& c, const Actor& by) {
    if constexpr (requires { c.child; }) c.child = lot_.id<ChildId>(3);
    if constexpr (requires { c.group; }) c.group = lot_.id<GroupId>(5);
    if constexpr (requires { c.guardian; }) c.guardian = lot_.id<AccountId>(16);
    if constexpr (requires { c.against; }) c.against = lot_.id<AccountId>(16);
    if constexpr (requires { c.post; }) c.post = lot_.id<PostId>(6);
    if constexpr (requires { c.purpose = PurposeId(); }) c.purpose = lot_.id<PurposeId>(3);
    if constexpr (requires { c.of_child; }) c.of_child = lot_.id<ChildId>(3);
    if constexpr (requires { c.absence; }) c.absence = lot_.id<AbsenceId>(2);
    if constexpr (requires { c.leave; }) c.leave = lot_.id<LeaveId>(2);
    if constexpr (requires { c.invitation; }) c.invitation = lot_.id<InvitationId>(3);
    if constexpr (requires { c.cause; }) c.cause = lot_.id<EventId>(2);
    if constexpr (requires { c.roster_import; }) c.roster_import = lot_.id<RosterImportId>(3);
    if constexpr (requires { c.groups; }) c.groups = {lot_.id<GroupId>(5)};
    if constexpr (requires { c.keys; }) c.keys = {lot_.id<KeyId>(40)};
    if constexpr (requires { c.account; }) {
      c.account = lot_.one_in(2) ? by.account : lot_.id<AccountId>(16);
      if (lot_.one_in(8)) c.account = kNewcomer.account;
    }
  }

  template <class C>
  void texts(C& c) {
    if constexpr (requires { c.name = std::string(); }) {
      c.name = lot_.one_in(2) ? "De Berk" : "De Beuk";
    } else if constexpr (requires { c.name; }) {
      c.name = text();
    }
    if constexpr (requires { c.birth_day; }) c.birth_day = text();
    if constexpr (requires { c.contact; }) c.contact = text();
    if constexpr (requires { c.title; }) c.title = text();
    if constexpr (requires { c.text; }) c.text = text();
    if constexpr (requires { c.note; }) c.note = text();
    if constexpr (requires { c.motivation; }) c.motivation = text();
    if constexpr (requires { c.reasons; }) c.reasons = text();
    if constexpr (std::is_same_v<C, BlockAccount> || std::is_same_v<C, RetractPost> ||
                  std::is_same_v<C, RaiseShield> || std::is_same_v<C, LiftShield>) {
      c.reason = text();
    }
    if constexpr (std::is_same_v<C, GrantAudit>) c.purpose = text();
  }

  template <class C>
  void days(C& c) {
    if constexpr (requires { c.first_day; }) c.first_day = lot_.near(today_);
    if constexpr (requires { c.last_day; }) c.last_day = lot_.near(today_);
    if constexpr (requires {
                    c.first_day.plus(0);
                    c.last_day.plus(0);
                  }) {
      if (!lot_.one_in(4)) c.last_day = c.first_day.plus(static_cast<std::int32_t>(lot_.below(9)));
    }
    if constexpr (requires { c.back_on; }) c.back_on = lot_.near(today_);
    if constexpr (requires { c.compulsory_from; }) c.compulsory_from = c.first_day;
    if constexpr (requires { c.open_ended; }) c.open_ended = lot_.one_in(2);
    if constexpr (requires { c.whole_days; }) c.whole_days = !lot_.one_in(4);
  }

  template <class C>
  void choices(C& c) {
    if constexpr (requires { c.role; }) c.role = static_cast<Role>(lot_.below(14));
    if constexpr (requires { c.kind; }) c.kind = static_cast<GroupKind>(lot_.below(3));
    if constexpr (requires { c.authority; }) c.authority = static_cast<Authority>(lot_.below(3));
    if constexpr (requires { c.relation; }) c.relation = static_cast<Relation>(lot_.below(8));
    if constexpr (requires { c.answer; }) c.answer = static_cast<ConsentAnswer>(lot_.below(2));
    if constexpr (requires { c.ground = LeaveGround(); }) {
      c.ground = static_cast<LeaveGround>(lot_.below(3));
    }
    if constexpr (requires { c.ground = ErasureGround(); }) {
      c.ground = static_cast<ErasureGround>(lot_.below(3));
    }
    if constexpr (requires { c.verdict; }) c.verdict = static_cast<LeaveVerdict>(lot_.below(6));
    if constexpr (requires { c.outcome; }) c.outcome = static_cast<DeliveryOutcome>(lot_.below(2));
    if constexpr (requires { c.final; }) c.final = lot_.one_in(2);
    if constexpr (requires { c.mail; }) c.mail = lot_.one_in(2);
    if constexpr (requires { c.required; }) c.required = lot_.one_in(2);
    if constexpr (requires { c.powers; }) c.powers = {static_cast<MandatePower>(lot_.below(7))};
  }

  template <class C>
  void rest(C& c, const Actor& by) {
    if constexpr (requires { c.code_digest; }) c.code_digest.assign(32, 7);
    if constexpr (requires { c.expires_at_us; }) {
      c.expires_at_us = story_.now_us() + lot_.below(70) * 24 * 60 * kMinuteUs;
    }
    if constexpr (requires { c.until_us; }) c.until_us = story_.now_us() + 24 * 60 * kMinuteUs;
    if constexpr (requires { c.chunks; }) c.chunks = 2;
    if constexpr (requires { c.steps; }) {
      c.chunk = lot_.below(2);
      for (std::uint32_t i = lot_.below(3); i > 0; --i) {
        auto step = command_at(8 + lot_.below(19));
        fill(step, by);
        c.steps.push_back(roster_step(std::move(step)));
      }
    }
    if constexpr (std::is_same_v<C, AnswerConsent>) {
      c.notice_version = 1;
      c.language = "nl";
      c.answered_by = by.on_behalf_of.is_zero() ? by.account : by.on_behalf_of;
      if (!by.on_behalf_of.is_zero()) c.route = AnswerRoute::paper;
    }
    if constexpr (requires { c.days; }) c.days = {{1, 510, 900}, {2, 510, 900}, {4, 510, 900}};
    if constexpr (requires { c.opens_minute; }) {
      c.opens_minute = 420;
      c.closes_minute = static_cast<std::uint16_t>(400 + lot_.below(800));
    }
    if constexpr (requires { c.code = std::string(); }) c.code = lot_.one_in(2) ? "web" : "print";
    if constexpr (requires { c.texts; }) {
      c.texts.resize(1);
      c.texts[0].language = "nl";
      c.texts[0].title = "Titel";
      c.texts[0].text = "Tekst";
    }
  }

  std::uint16_t text() { return lot_.one_in(6) ? std::uint16_t{0} : story_.text(); }

  Lot& lot_;
  Story& story_;
  Day today_;
};

/// Half of what people ask is about consent, absence and leave.
CommandBody some_command(Lot& lot) {
  static const std::size_t kFirst = CommandBody(AnswerConsent{}).index();
  static const std::size_t kLast = CommandBody(WithdrawLeave{}).index();
  if (lot.one_in(2))
    return command_at(kFirst + lot.below(static_cast<std::uint32_t>(kLast - kFirst + 1)));
  return command_at(lot.below(std::variant_size_v<events::CommandKinds>));
}

/// What ends things comes seldom, or nothing would be left to ask about.
bool is_an_end(const CommandBody& command) {
  return std::holds_alternative<CloseAccount>(command) ||
         std::holds_alternative<EndRole>(command) || std::holds_alternative<CloseGroup>(command) ||
         std::holds_alternative<EndStaffAssignment>(command) ||
         std::holds_alternative<RecordLeaver>(command) ||
         std::holds_alternative<UnlinkGuardian>(command);
}

bool may_at_all(const CommandBody& command, Role role) {
  const auto grants = aggregates::permission_of(command).grants;
  return std::ranges::any_of(grants, [&](const aggregates::Grant& grant) {
    return grant.role == role || grant.role == Role::none;
  });
}

/// Mostly somebody whose role may ask for this.
Actor somebody(Lot& lot, const CommandBody& command) {
  auto actor = lot.of(kPeople);
  for (int tries = 0; tries < 12 && !may_at_all(command, actor.role); ++tries) {
    actor = lot.of(kPeople);
  }
  if (actor.role == Role::office && lot.one_in(2)) actor = on_behalf_of(actor, lot.of(kPeople));
  return actor;
}

/// Each fold that was touched, compared with one from the beginning of the story.
void check_folds(Facts& carried, Facts& fresh, const std::vector<NewEvent>& decided) {
  for (const auto& event : decided) {
    INFO(to_text(event.stream) << " after " << name_of(event.body));
    const Uuid subject = event.stream.subject;
    switch (event.stream.kind) {
      case StreamKind::school:
        CHECK(carried.school() == fresh.school());
        break;
      case StreamKind::group:
        CHECK(carried.group({subject}) == fresh.group({subject}));
        break;
      case StreamKind::child:
        CHECK(carried.child({subject}) == fresh.child({subject}));
        break;
      case StreamKind::account:
        CHECK(carried.account({subject}) == fresh.account({subject}));
        break;
      case StreamKind::post:
        CHECK(carried.post({subject}) == fresh.post({subject}));
        break;
      case StreamKind::delivery:
        CHECK(carried.delivery({subject}) == fresh.delivery({subject}));
        break;
      case StreamKind::roster_import:
        CHECK(carried.roster_import({subject}) == fresh.roster_import({subject}));
        break;
      case StreamKind::none:
      case StreamKind::consent:
      case StreamKind::absence:
      case StreamKind::leave:
      case StreamKind::preferences:
      case StreamKind::reading:
      case StreamKind::gathering:
      case StreamKind::conversation:
      case StreamKind::content_report:
      case StreamKind::media:
      case StreamKind::erasure:
      case StreamKind::key:
        break;
    }
  }
}

bool alike(const std::vector<NewEvent>& a, const std::vector<NewEvent>& b) {
  return std::ranges::equal(a, b, [](const NewEvent& left, const NewEvent& right) {
    return left.stream == right.stream && left.body == right.body &&
           left.effective_at_us == right.effective_at_us;
  });
}

/// How often each kind of command was accepted.
std::map<std::string, int> live(std::uint32_t seed) {
  Lot lot(seed);
  Story story = a_school();
  story.given(account_stream(kNewcomer.account), AccountOpened{});
  aggregates::FoldCache cache(32);
  std::map<std::string, int> accepted;
  for (int i = 0; i < kQuestionsPerHistory; ++i) {
    INFO("seed " << seed << ", question " << i);
    story.at(story.now_us() + lot.below(lot.one_in(8) ? 3000 : 20) * kMinuteUs);
    auto command = some_command(lot);
    if (is_an_end(command) && !lot.one_in(12)) continue;
    const auto actor = somebody(lot, command);
    const Day today{static_cast<std::int32_t>(story.now_us() / (24 * 60 * kMinuteUs))};
    Filler(lot, story, today).fill(command, actor);
    INFO(name_of(command));

    Facts kept(kSchool, story, &cache);
    const auto with_kept =
        aggregates::decide(command, kept, {kSchool, story.now_us(), actor, story.texts()});
    story.by(actor).when(command);
    REQUIRE(with_kept.has_value() == story.decision().has_value());
    REQUIRE(kept.conditions() == story.conditions());
    if (!with_kept) {
      REQUIRE(with_kept.error() == story.decision().error());
      continue;
    }
    REQUIRE(alike(*with_kept, *story.decision()));
    ++accepted[std::string(name_of(command))];
    Facts carried(kSchool, story, &cache);
    carried.evolve(*with_kept, {kSchool, story.now_us(), actor, {}});
    story.then_accepted();
    Facts fresh(kSchool, story);
    check_folds(carried, fresh, *with_kept);
  }
  return accepted;
}

TEST_CASE("whatever people ask in whatever order, what is decided folds") {
  std::map<std::string, int> accepted;
  for (std::uint32_t seed = 1; seed <= kHistories; ++seed) {
    for (const auto& [name, count] : live(seed)) accepted[name] += count;
  }
  // A history in which a kind of command never passes says nothing about it. These need more luck
  // than this lot has; their own tests tell of them.
  const std::set<std::string> seldom = {
      "FoundSchool",   "EndStaffAssignment",   "UnlinkGuardian",      "AcceptInvitation",
      "EndRole",       "UnblockAccount",       "RecordKeysDestroyed", "RecordAuditRead",
      "EndAuditGrant", "CompleteRosterImport", "LiftShield",          "AskPasswordReset",
      "ResetPassword"};
  for (std::size_t i = 0; i < std::variant_size_v<events::CommandKinds>; ++i) {
    const auto name = std::string(name_of(command_at(i)));
    INFO(name << " was never accepted");
    CHECK((accepted[name] > 0 || seldom.contains(name)));
  }
}

}  // namespace
}  // namespace klasboek::tests
