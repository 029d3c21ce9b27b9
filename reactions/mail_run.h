#pragma once
// The thread in which mail happens.
#include <condition_variable>
#include <mutex>
#include <thread>

#include "reactions/mail.h"

namespace klasboek::reactions {

/// Goes round until it goes; a mail that is under way then is broken off and tried again later.
class MailRun {
 public:
  /// REQUIRES: room is open, outlives this, and is nobody else's meanwhile.
  explicit MailRun(MailRoom& room);
  ~MailRun();
  MailRun(const MailRun&) = delete;
  MailRun& operator=(const MailRun&) = delete;

 private:
  void run(const std::stop_token& stop);
  void rest(const std::stop_token& stop, std::chrono::milliseconds at_most);

  MailRoom& room_;
  std::mutex mutex_;
  std::condition_variable_any ended_;
  std::jthread thread_;
};

}  // namespace klasboek::reactions
