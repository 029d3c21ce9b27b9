#include "tests/bench/district.h"

#include <atomic>
#include <exception>
#include <functional>
#include <mutex>
#include <random>
#include <stdexcept>
#include <thread>

#include "api/person_text.h"
#include "reactions/invitation_code.h"

namespace klasboek::bench {

namespace {

using events::AccountId;
using events::Actor;
using events::CommandBody;
using events::Role;

using Dice = std::mt19937_64;

constexpr std::int64_t kDayUs = 24LL * 3600 * 1'000'000;
constexpr std::int32_t kYearDaysBefore = 100;
constexpr std::int32_t kYearDaysAfter = 250;
constexpr std::size_t kFounders = 32;
const Actor kOperator{{}, Role::operator_, {}};

/// A value with its members set in place.
template <class T, class Fill>
CommandBody command(Fill&& fill) {
  T value;
  std::forward<Fill>(fill)(value);
  return value;
}

std::string word(Dice& dice) {
  static constexpr std::array kSyllables = {"ba", "ri", "lo",  "ten", "mu", "sa",  "vek",
                                            "di", "po", "nal", "ge",  "fu", "zir", "ho"};
  std::string text;
  for (auto n = 2 + dice() % 2; n > 0; --n) text += kSyllables.at(dice() % kSyllables.size());
  text.front() = static_cast<char>(std::toupper(text.front()));
  return text;
}

api::PersonName any_name(Dice& dice) { return {word(dice), "", word(dice)}; }

struct Member {
  AccountId account;
  std::string token;
};

/// Gives the orders of one school.
class Founder {
 public:
  Founder(const reactions::Node& node, events::SchoolId school) : node_(node), school_(school) {}

  using Build = std::function<CommandBody(vault::Sealer&)>;

  void give(const Actor& actor, const Build& build) const {
    reactions::Order order;
    order.school = school_;
    order.actor = actor;
    order.command = vault::draw<16>(node_.random);
    order.build = build;
    const auto outcome = reactions::carry_out(node_, order);
    if (std::holds_alternative<log::Done>(outcome)) return;
    const auto* refused = std::get_if<log::Refused>(&outcome);
    throw std::runtime_error("a school can't be founded: " +
                             (refused ? refused->rejection : std::string("no outcome")));
  }
  template <class T, class Fill>
  void give(const Actor& actor, Fill fill) const {
    give(actor, [&](vault::Sealer&) { return command<T>(fill); });
  }

  static std::uint16_t seal(vault::Sealer& sealer, const events::SubjectRef& subject,
                            const std::string& text) {
    const auto slot = sealer.seal(subject, events::RetentionClass::identity_attendance, text);
    if (!slot) throw std::runtime_error("a text can't be sealed");
    return *slot;
  }

  /// An account that was opened, invited and accepted, with a session.
  Member admit(const Actor& by, const std::string& email, Dice& dice) const {
    const Member member{node_.new_id<AccountId>(), {}};
    const auto name = any_name(dice);
    give(by, [&](vault::Sealer& sealer) {
      const events::SubjectRef subject{events::SubjectKind::account, member.account.value};
      return command<events::OpenAccount>([&](auto& c) {
        c.account = member.account;
        c.name = seal(sealer, subject, api::to_text(name));
        c.contact = seal(sealer, subject, api::to_text(api::ContactCard{email, {}}));
      });
    });
    const auto invitation = node_.new_id<events::InvitationId>();
    const auto digest =
        reactions::code_digest(reactions::invitation_code(node_.vault, school_, invitation));
    give<events::Invite>(by, [&](auto& c) {
      c.account = member.account;
      c.invitation = invitation;
      c.code_digest = digest;
      c.expires_at_us = node_.now_us() + kDayUs;
    });
    give<events::AcceptInvitation>({member.account, Role::none, {}}, [&](auto& c) {
      c.account = member.account;
      c.invitation = invitation;
      c.code_digest = digest;
    });
    return {member.account, log_in(member.account, email)};
  }

  void give_role(AccountId account, Role role, const Actor& by, events::Day first_day) const {
    give<events::GiveRole>(by, [&](auto& c) {
      c.account = account;
      c.role = role;
      c.first_day = first_day;
      c.open_ended = true;
    });
  }

 private:
  /// Past the password, whose hashing isn't what is measured.
  std::string log_in(AccountId account, const std::string& email) const {
    auto& logins = node_.vault.logins();
    const auto identity = logins.identity_of(email);
    if (!identity || !logins.join(*identity, {school_, account})) {
      throw std::runtime_error("a log-in can't be made");
    }
    return node_.vault.sessions().issue(*identity, node_.now_us(), node_.random);
  }

  const reactions::Node& node_;
  events::SchoolId school_;
};

/// Of one school, while it is being founded.
struct Plan {
  const reactions::Node& node;
  School& school;
  Founder founder;
  std::size_t number;  // in the district
  Actor director;
  std::vector<events::GroupId> groups;
  std::vector<std::vector<std::size_t>> families;  // places in school.children
  events::Day today;

  [[nodiscard]] std::string email(const std::string& who) const {
    return who + "@school-" + std::to_string(number) + ".example";
  }
};

void found_settings(Plan& plan, const DistrictShape& shape, Dice& dice) {
  const auto& founder = plan.founder;
  const auto first_day = plan.today.plus(-kYearDaysBefore);
  founder.give<events::FoundSchool>(kOperator, [&](auto& c) {
    c.school = plan.school.id;
    c.name = "School " + std::to_string(plan.number);
    c.time_zone = "Europe/Amsterdam";
  });
  // Every hour of every day, so that it holds whenever it is measured.
  founder.give<events::SetSchoolDays>(kOperator, [](auto& c) {
    for (std::uint8_t weekday = 1; weekday <= 7; ++weekday) c.days.emplace_back(weekday, 1, 1439);
  });
  founder.give<events::SetSchoolYear>(kOperator, [&](auto& c) {
    c.first_day = first_day;
    c.last_day = plan.today.plus(kYearDaysAfter);
  });
  founder.give<events::SetPostingWindow>(kOperator, [](auto& c) {
    c.opens_minute = 0;
    c.closes_minute = 1440;
  });
  const auto director = founder.admit(kOperator, plan.email("director"), dice);
  founder.give_role(director.account, Role::director, kOperator, first_day);
  plan.director = {director.account, Role::director, {}};
  for (std::size_t n = 0; n < shape.purposes; ++n) {
    const auto purpose = plan.node.new_id<events::PurposeId>();
    plan.school.purposes.push_back(events::to_text(purpose));
    founder.give<events::AddPurpose>(plan.director, [&](auto& c) {
      c.purpose = purpose;
      c.code = std::string("purpose_") + static_cast<char>('a' + n);
      for (const char* language : {"nl", "en"}) {
        events::NoticeText text;
        text.language = language;
        text.title = word(dice);
        text.text = std::string(400, 'x');
        c.texts.push_back(std::move(text));
      }
    });
  }
}

void found_class(Plan& plan, std::size_t n, Dice& dice) {
  const auto& founder = plan.founder;
  const auto first_day = plan.today.plus(-kYearDaysBefore);
  const auto group = plan.groups[n];
  founder.give(plan.director, [&](vault::Sealer& sealer) {
    return command<events::FoundGroup>([&](auto& c) {
      c.group = group;
      c.name = Founder::seal(sealer, {events::SubjectKind::group, group.value},
                             "Groep " + std::to_string(n + 1));
    });
  });
  const auto teacher =
      founder.admit(plan.director, plan.email("teacher-" + std::to_string(n)), dice);
  founder.give_role(teacher.account, Role::teacher, plan.director, first_day);
  founder.give<events::AssignStaff>(plan.director, [&](auto& c) {
    c.group = group;
    c.account = teacher.account;
    c.first_day = first_day;
    c.open_ended = true;
  });
  plan.school.classes[n] = {events::to_text(group), teacher.token};
}

void enrol_family(Plan& plan, std::size_t n, const DistrictShape& shape, Dice& dice) {
  const auto& founder = plan.founder;
  std::vector<Member> guardians;
  constexpr unsigned kTwoGuardiansPercent = 85;
  const std::size_t count = dice() % 100 < kTwoGuardiansPercent ? 2 : 1;
  for (std::size_t g = 0; g < count; ++g) {
    guardians.push_back(
        founder.admit(plan.director,
                      plan.email("guardian-" + std::to_string(n) + "-" + std::to_string(g)), dice));
  }
  for (const auto place : plan.families[n]) {
    const auto child = plan.node.new_id<events::ChildId>();
    const events::SubjectRef subject{events::SubjectKind::child, child.value};
    founder.give(plan.director, [&](vault::Sealer& sealer) {
      return command<events::EnrolChild>([&](auto& c) {
        c.child = child;
        c.name = Founder::seal(sealer, subject, api::to_text(any_name(dice)));
        c.birth_day = Founder::seal(sealer, subject, "2018-05-0" + std::to_string(1 + dice() % 9));
        c.first_day = plan.today.plus(-kYearDaysBefore);
        c.group = plan.groups[place / shape.children_per_class];
      });
    });
    auto& known = plan.school.children[place];
    known.id = events::to_text(child);
    for (std::size_t g = 0; g < guardians.size(); ++g) {
      founder.give<events::LinkGuardian>(plan.director, [&](auto& c) {
        c.child = child;
        c.guardian = guardians[g].account;
        c.relation = events::Relation::guardian;
        c.authority = events::Authority::with;
        c.household = 1;
        c.contact_order = static_cast<std::uint8_t>(g + 1);
      });
      known.guardians.push_back(guardians[g].token);
    }
  }
}

std::vector<std::vector<std::size_t>> families_of(std::size_t children, Dice& dice) {
  std::vector<std::vector<std::size_t>> families;
  for (std::size_t place = 0; place < children;) {
    auto& family = families.emplace_back();
    for (auto n = 1 + dice() % 3; n > 0 && place < children; --n) family.push_back(place++);
  }
  return families;
}

/// work(0) … work(count - 1), by many threads: most of a command is waiting for the disk.
void do_all(std::size_t count, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr fault;
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < std::min(kFounders, count); ++t) {
      threads.emplace_back([&] {
        try {
          for (auto i = next++; i < count; i = next++) work(i);
        } catch (...) {
          const std::lock_guard lock(mutex);
          fault = std::current_exception();
          next = count;
        }
      });
    }
  }
  if (fault) std::rethrow_exception(fault);
}

}  // namespace

District found_district(const reactions::Node& node, const DistrictShape& shape,
                        std::uint64_t seed) {
  District district;
  district.schools.resize(shape.schools);
  district.today = {static_cast<std::int32_t>(node.now_us() / kDayUs)};
  const auto classes =
      (shape.children_per_school + shape.children_per_class - 1) / shape.children_per_class;
  std::vector<Plan> plans;
  for (std::size_t n = 0; n < shape.schools; ++n) {
    auto& school = district.schools[n];
    school.id = node.new_id<events::SchoolId>();
    school.path = "/v1/schools/" + events::to_text(school.id);
    school.classes.resize(classes);
    school.children.resize(shape.children_per_school);
    Dice dice(seed + n);
    Plan plan{node, school, Founder(node, school.id), n, {}, {}, {}, district.today};
    for (std::size_t i = 0; i < classes; ++i) plan.groups.push_back(node.new_id<events::GroupId>());
    plan.families = families_of(shape.children_per_school, dice);
    plans.push_back(std::move(plan));
  }
  // The dice of each piece of work are its own, so that the order of the threads changes nothing.
  const auto dice_of = [&](std::size_t school, std::size_t part, std::size_t n) {
    std::seed_seq mixed{seed, std::uint64_t{school}, std::uint64_t{part}, std::uint64_t{n}};
    return Dice(mixed);
  };
  do_all(plans.size(), [&](std::size_t n) {
    auto dice = dice_of(n, 0, 0);
    found_settings(plans[n], shape, dice);
  });
  do_all(plans.size() * classes, [&](std::size_t i) {
    auto dice = dice_of(i / classes, 1, i % classes);
    found_class(plans[i / classes], i % classes, dice);
  });
  std::vector<std::pair<std::size_t, std::size_t>> families;
  for (std::size_t n = 0; n < plans.size(); ++n) {
    for (std::size_t f = 0; f < plans[n].families.size(); ++f) families.emplace_back(n, f);
  }
  do_all(families.size(), [&](std::size_t i) {
    const auto [n, family] = families[i];
    auto dice = dice_of(n, 2, family);
    enrol_family(plans[n], family, shape, dice);
  });
  return district;
}

}  // namespace klasboek::bench
