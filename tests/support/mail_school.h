#pragma once
// A school that mails: a whole installation in a directory of its own, with people who have
// addresses, a clock that stands still until it is set, and mail in rounds.
//
//   MailSchool school;
//   FakeSender sender;
//   const auto cause = school.report_absence(kOffice);
//   school.mail_round(&sender);
//   CHECK(sender.mails.size() == 2);
#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aggregates/delivery.h"
#include "reactions/installation.h"
#include "reactions/mail.h"
#include "tests/support/given.h"
#include "tests/support/temporary_directory.h"

namespace klasboek::tests {

inline constexpr const char* kMailFrom = "klasboek@school.example";
inline constexpr const char* kPublicUrl = "https://klasboek.school.example";
inline constexpr const char* kSchoolName = "Basisschool De Krakeend één";

/// Takes every mail, or does what it is told.
class FakeSender final : public reactions::MailSender {
 public:
  reactions::SendOutcome reach(const std::stop_token& stop) override;
  reactions::SendOutcome send(const reactions::Mail& mail, const std::stop_token& stop) override;

  reactions::SendOutcome reached = reactions::SendOutcome::sent;
  /// Of the next sends, first to last; then all are sent.
  std::deque<reactions::SendOutcome> outcomes;
  /// While a mail is being handed over.
  std::function<void()> meanwhile;
  /// All that were handed over, whatever came of it.
  std::vector<reactions::Mail> mails;
  int reaches = 0;
};

class MailSchool {
 public:
  /// Monday 2026-10-05, 10:00. The director, the office, the mother and the father have come in;
  /// kChild has the mother and the father, with authority, and the stepfather, without. Its mails
  /// so far are old news.
  MailSchool();

  void on(std::string_view local) { now_us_ = moment(local); }
  void later(std::int64_t minutes) { now_us_ += minutes * 60 * 1'000'000; }
  [[nodiscard]] std::int64_t now_us() const { return now_us_; }

  /// As after a crash or a start: whatever wasn't on disk is gone.
  void restart();
  [[nodiscard]] const reactions::Node& node() const { return installation_->node(); }
  [[nodiscard]] std::filesystem::path data_directory() const { return directory_ / "data"; }
  [[nodiscard]] std::filesystem::path master_key_file() const { return directory_ / "master.key"; }
  /// What is in every file of the data directory.
  [[nodiscard]] std::string bytes_on_disk() const;

  /// Gives an order; fails the test where it is refused. The first event that it made.
  using Build = std::function<events::CommandBody(vault::Sealer&)>;
  events::EventId by(const events::Actor& actor, const Build& build);
  events::EventId by(const events::Actor& actor, const events::CommandBody& command);

  events::EventId invite(events::AccountId account, std::int64_t days = 30);
  void come_in(events::AccountId account);
  void open_account(events::AccountId account, const std::string& contact);
  void correct_contact(events::AccountId account, const std::string& contact);
  void block(events::AccountId account);
  /// Ill on that day; staff may do so on behalf of a guardian.
  events::EventId report_absence(const events::Actor& actor,
                                 events::AbsenceId absence = numbered<events::AbsenceId>(1));
  /// Asked by the mother, decided by the director: the event of the decision.
  events::EventId decide_leave(
      events::LeaveVerdict verdict,
      events::LeaveGround ground = events::LeaveGround::other_circumstances,
      std::string_view first = "2026-11-02", std::string_view last = "2026-11-03");
  [[nodiscard]] std::string code_of(events::EventId invited) const;

  /// Mail of this node: opened when it is first asked for, until the next restart.
  reactions::MailRoom& mail(reactions::MailSender* sender);
  void mail_round(reactions::MailSender* sender) { mail(sender).round(); }
  /// As the log has it; nullopt: never claimed.
  [[nodiscard]] std::optional<aggregates::delivery::Attempt> attempt(events::AccountId account,
                                                                     events::EventId cause) const;
  [[nodiscard]] std::vector<reactions::WaitingMail> outbox() const;
  /// Every delivery event of an account, in order: its name, and the fault where there is one.
  [[nodiscard]] std::vector<std::string> deliveries(events::AccountId account) const;

 private:
  void open();
  void found();
  void people();

  TemporaryDirectory directory_;
  std::atomic<std::int64_t> now_us_{0};
  std::uint64_t commands_ = 0;
  std::uint64_t leaves_ = 0;
  std::uint64_t openings_ = 0;
  std::unique_ptr<reactions::Installation> installation_;
  std::unique_ptr<reactions::MailRoom> mail_;
};

/// `{"email":…,"phones":[]}`.
std::string contact(std::string_view email);
inline constexpr const char* kMotherEmail = "sietske.zwaluw@thuis.example";
inline constexpr const char* kFatherEmail = "joris.kievit@elders.example";

}  // namespace klasboek::tests
