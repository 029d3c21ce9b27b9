#pragma once
// The thread in which mail happens.
#include "reactions/mail.h"
#include "reactions/round_run.h"

namespace klasboek::reactions {

/// Goes round until it goes; a mail that is under way then is broken off and tried again later.
class MailRun {
 public:
  /// REQUIRES: room is open, outlives this, and is nobody else's meanwhile.
  explicit MailRun(MailRoom& room)
      : room_(room), run_("mail", [this](const std::stop_token& stop) { room_.round(stop); }) {}
  ~MailRun() {
    run_.stop();
    room_.close();
  }
  MailRun(const MailRun&) = delete;
  MailRun& operator=(const MailRun&) = delete;

 private:
  MailRoom& room_;
  RoundRun run_;
};

}  // namespace klasboek::reactions
