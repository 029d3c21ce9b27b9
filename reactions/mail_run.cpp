#include "reactions/mail_run.h"

#include <spdlog/spdlog.h>

#include <exception>

namespace klasboek::reactions {

namespace {

/// A look at the log's tail and at what is due costs microseconds.
constexpr std::chrono::milliseconds kBetweenRounds{500};
constexpr std::chrono::milliseconds kAfterFault{30'000};

}  // namespace

MailRun::MailRun(MailRoom& room) : room_(room) {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

MailRun::~MailRun() {
  thread_.request_stop();
  thread_.join();
  room_.close();
}

void MailRun::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    try {
      room_.round(stop);
      rest(stop, kBetweenRounds);
    } catch (const std::exception& fault) {
      // Log or views can't be read; what they say names positions and files only.
      spdlog::error("mail: {}", fault.what());
      rest(stop, kAfterFault);
    }
  }
}

void MailRun::rest(const std::stop_token& stop, std::chrono::milliseconds at_most) {
  std::unique_lock lock(mutex_);
  ended_.wait_for(lock, stop, at_most, [] { return false; });
}

}  // namespace klasboek::reactions
