#include "tests/support/mail_school.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "events/log/submit.h"
#include "reactions/invitation_code.h"
#include "reactions/person_text.h"
#include "tests/support/vault_place.h"

namespace klasboek::tests {

using namespace events;

namespace {

constexpr std::int64_t kDayUs = 24LL * 3600 * 1'000'000;
const SubjectRef kChildSubject{SubjectKind::child, kChild.value};

SubjectRef person(AccountId account) { return {SubjectKind::account, account.value}; }

std::uint16_t sealed(vault::Sealer& sealer, const SubjectRef& subject, const std::string& text) {
  const auto slot = sealer.seal(subject, RetentionClass::identity_attendance, text);
  REQUIRE(slot.has_value());
  return *slot;
}

}  // namespace

reactions::SendOutcome FakeSender::reach(const std::stop_token& /*stop*/) {
  ++reaches;
  return reached;
}

reactions::SendOutcome FakeSender::send(const reactions::Mail& mail,
                                        const std::stop_token& /*stop*/) {
  mails.push_back(mail);
  if (meanwhile) meanwhile();
  if (outcomes.empty()) return reactions::SendOutcome::sent;
  const auto outcome = outcomes.front();
  outcomes.pop_front();
  return outcome;
}

std::string contact(std::string_view email) {
  return to_text(reactions::ContactCard{std::string(email), {}});
}

MailSchool::MailSchool() {
  on("2026-08-03 09:00");
  open();
  found();
  people();
  on("2026-10-05 10:00");
}

void MailSchool::open() {
  reactions::InstallationPlace place;
  place.data_directory = data_directory();
  place.master_key_file = master_key_file();
  auto opened = reactions::Installation::open(
      place, [this] { return now_us_.load(); }, seeded_random(++openings_));
  if (!opened) FAIL(opened.error().explanation);
  installation_ = *std::move(opened);
}

void MailSchool::restart() {
  mail_.reset();
  installation_.reset();
  open();
}

std::string MailSchool::bytes_on_disk() const {
  std::string bytes;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(data_directory())) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    bytes.append(std::istreambuf_iterator<char>(in), {});
  }
  return bytes;
}

EventId MailSchool::by(const Actor& actor, const Build& build) {
  reactions::Order order;
  order.school = kSchool;
  order.actor = actor;
  const auto key = std::to_string(++commands_);
  order.command = command_id_of_request(kSchool, actor.account, key);
  order.build = [&](vault::Sealer& sealer) -> std::expected<CommandBody, vault::VaultFault> {
    return build(sealer);
  };
  const auto outcome = carry_out(node(), order);
  if (const auto* refused = std::get_if<log::Refused>(&outcome)) FAIL(refused->rejection);
  const auto* done = std::get_if<log::Done>(&outcome);
  REQUIRE(done != nullptr);
  return events_of(node(), kSchool, *done).at(0).event;
}

EventId MailSchool::by(const Actor& actor, const CommandBody& command) {
  return by(actor, [&](vault::Sealer&) { return command; });
}

void MailSchool::found() {
  by(kOperator, made<FoundSchool>([](auto& c) {
       c.school = kSchool;
       c.name = kSchoolName;
       c.time_zone = "Europe/Amsterdam";
     }));
  by(kOperator, made<SetSchoolDays>([](auto& c) {
       for (std::uint8_t weekday = 1; weekday <= 5; ++weekday) {
         c.days.emplace_back(weekday, 8 * 60 + 30, 15 * 60);
       }
     }));
  by(kOperator, made<SetSchoolYear>([](auto& c) {
       c.first_day = day("2026-08-24");
       c.last_day = day("2027-07-09");
     }));
}

void MailSchool::people() {
  open_account(kDirector.account, contact("directie@school.example"));
  open_account(kOffice.account, contact("administratie@school.example"));
  open_account(kMother.account, contact(kMotherEmail));
  open_account(kFather.account, contact(kFatherEmail));
  open_account(kStepfather.account, contact("wim.wulp@thuis.example"));
  for (const auto& staff : {kDirector, kOffice}) {
    by(kOperator, made<GiveRole>([&](auto& c) {
         c.account = staff.account;
         c.role = staff.role;
         c.first_day = day("2026-08-01");
         c.open_ended = true;
       }));
  }
  by(kDirector, [](vault::Sealer& sealer) -> CommandBody {
    return made<EnrolChild>([&](auto& c) {
      c.child = kChild;
      c.name = sealed(sealer, kChildSubject, "Fenna");
      c.birth_day = sealed(sealer, kChildSubject, "2017-03-04");
      c.first_day = day("2026-08-24");
    });
  });
  const auto link = [&](const Actor& guardian, Authority authority) {
    by(kDirector, made<LinkGuardian>([&](auto& c) {
         c.child = kChild;
         c.guardian = guardian.account;
         c.relation = Relation::other;
         c.authority = authority;
         c.household = 1;
         c.contact_order = 1;
       }));
  };
  link(kMother, Authority::with);
  link(kFather, Authority::with);
  link(kStepfather, Authority::without);
  for (const auto& one : {kDirector, kOffice, kMother, kFather, kStepfather}) come_in(one.account);
}

void MailSchool::open_account(AccountId account, const std::string& contact) {
  by(kOperator, [&](vault::Sealer& sealer) -> CommandBody {
    return made<OpenAccount>([&](auto& c) {
      c.account = account;
      c.name = sealed(sealer, person(account), R"({"given":"Sietske","family":"Zwaluw"})");
      if (!contact.empty()) c.contact = sealed(sealer, person(account), contact);
    });
  });
}

void MailSchool::correct_contact(AccountId account, const std::string& contact) {
  by(kOperator, [&](vault::Sealer& sealer) -> CommandBody {
    return made<CorrectAccount>([&](auto& c) {
      c.account = account;
      c.contact = sealed(sealer, person(account), contact);
    });
  });
}

EventId MailSchool::invite(AccountId account, std::int64_t days) {
  const auto invitation = node().new_id<InvitationId>();
  return by(kOperator, made<Invite>([&](auto& c) {
              c.account = account;
              c.invitation = invitation;
              c.code_digest = reactions::code_digest(
                  reactions::invitation_code(node().vault, kSchool, invitation));
              c.expires_at_us = now_us() + days * kDayUs;
            }));
}

void MailSchool::come_in(AccountId account) {
  const auto invited = invite(account);
  const auto code = code_of(invited);
  by({account, Role::none, {}}, made<AcceptInvitation>([&](auto& c) {
       c.account = account;
       c.invitation = reactions::parse_invitation_code(code)->invitation;
       c.code_digest = reactions::code_digest(code);
     }));
}

std::string MailSchool::code_of(EventId invited) const {
  std::string code;
  node().shards.of(kSchool).ledger().read_school(kSchool, 0, [&](const RecordedEvent& event) {
    if (const auto* found = std::get_if<AccountInvited>(&event.body);
        found != nullptr && event.event == invited) {
      code = reactions::invitation_code(node().vault, kSchool, found->invitation);
    }
    return code.empty();
  });
  return code;
}

void MailSchool::block(AccountId account) {
  by(kDirector, [&](vault::Sealer& sealer) -> CommandBody {
    return made<BlockAccount>([&](auto& c) {
      c.account = account;
      c.reason = sealed(sealer, person(account), "Gedragsregels");
    });
  });
}

EventId MailSchool::report_absence(const Actor& actor, AbsenceId absence) {
  return by(actor, made<ReportAbsence>([&](auto& c) {
              c.child = kChild;
              c.absence = absence;
              c.first_day = day("2026-10-05");
              c.last_day = c.first_day;
              c.whole_days = true;
            }));
}

EventId MailSchool::decide_leave(LeaveVerdict verdict, LeaveGround ground, std::string_view first,
                                 std::string_view last) {
  const auto leave = numbered<LeaveId>(++leaves_);
  by(kMother, [&](vault::Sealer& sealer) -> CommandBody {
    return made<RequestLeave>([&](auto& c) {
      c.child = kChild;
      c.leave = leave;
      c.ground = ground;
      c.first_day = day(first);
      c.last_day = day(last);
      c.compulsory_from = c.first_day;
      c.motivation = sealed(sealer, kChildSubject, "Een bruiloft in de familie");
    });
  });
  return by(kDirector, [&](vault::Sealer& sealer) -> CommandBody {
    return made<DecideLeave>([&](auto& c) {
      c.child = kChild;
      c.leave = leave;
      c.verdict = verdict;
      c.reasons = sealed(sealer, kChildSubject, "Omdat het zo is");
      if (verdict == LeaveVerdict::grant_partly) c.first_day = c.last_day = day(first);
    });
  });
}

reactions::MailRoom& MailSchool::mail(reactions::MailSender* sender) {
  if (!mail_) {
    mail_ = std::make_unique<reactions::MailRoom>(
        node(), reactions::MailSettings{kMailFrom, kPublicUrl}, sender);
    REQUIRE(mail_->open().has_value());
  }
  return *mail_;
}

std::optional<aggregates::delivery::Attempt> MailSchool::attempt(AccountId account,
                                                                 EventId cause) const {
  const auto streams = node().shards.of(kSchool).ledger().snapshot(kSchool);
  aggregates::Facts facts(kSchool, *streams);
  const auto& attempts = facts.delivery(account).attempts;
  const auto found = attempts.find({cause, Channel::mail});
  if (found == attempts.end()) return std::nullopt;
  return found->second;
}

std::vector<reactions::WaitingMail> MailSchool::outbox() const {
  const auto mails = reactions::MailOutbox(node().vault.transit()).list();
  REQUIRE(mails.has_value());
  return *mails;
}

std::vector<std::string> MailSchool::deliveries(AccountId account) const {
  std::vector<std::string> names;
  const auto streams = node().shards.of(kSchool).ledger().snapshot(kSchool);
  streams->read(delivery_stream(account), [&](const RecordedEvent& event) {
    std::string name(name_of(event.body));
    if (const auto* failed = std::get_if<DeliveryFailed>(&event.body)) {
      name += std::string(" ") + wire::EnumNameDeliveryFault(failed->fault) +
              (failed->final ? " for good" : "");
    }
    names.push_back(name);
  });
  return names;
}

}  // namespace klasboek::tests
