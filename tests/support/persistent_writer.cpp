#include "tests/support/persistent_writer.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <optional>

#include "tests/support/kafka_node.h"
#include "tests/support/log_fixture.h"

namespace klasboek::tests {

namespace {

constexpr std::chrono::seconds kPatience{240};

bool begins(const std::string& key, const std::string& prefix) { return key.starts_with(prefix); }

/// Its place, once it is known.
std::optional<Acknowledged> place_of(const log::SubmitOutcome& outcome, events::SchoolId school) {
  const auto* done = std::get_if<log::Done>(&outcome);
  if (done == nullptr) return std::nullopt;
  return Acknowledged{school, done->first_sequence};
}

}  // namespace

bool Acknowledgements::note(const std::string& key, const Acknowledged& told) {
  const std::lock_guard lock(mutex_);
  const auto [noted, is_new] = told_.emplace(key, told);
  noted_.notify_all();
  return is_new || noted->second == told;
}

std::map<std::string, Acknowledged> Acknowledgements::all() const {
  const std::lock_guard lock(mutex_);
  return told_;
}

void Acknowledgements::note_unanswered() {
  const std::lock_guard lock(mutex_);
  ++unanswered_;
}

std::size_t Acknowledgements::count() const { return count_of({}); }

std::size_t Acknowledgements::unanswered() const {
  const std::lock_guard lock(mutex_);
  return unanswered_;
}

std::size_t Acknowledgements::count_of(const std::string& prefix) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(
      std::ranges::count_if(told_, [&](const auto& told) { return begins(told.first, prefix); }));
}

bool Acknowledgements::wait_for(std::size_t count) const { return wait_for({}, count); }

bool Acknowledgements::wait_for(const std::string& prefix, std::size_t count) const {
  std::unique_lock lock(mutex_);
  return noted_.wait_for(lock, kPatience, [&] {
    return static_cast<std::size_t>(std::ranges::count_if(
               told_, [&](const auto& told) { return begins(told.first, prefix); })) >= count;
  });
}

void Acknowledgements::check_against(const log::Ledger& ledger) const {
  const std::lock_guard lock(mutex_);
  std::size_t events = 0;
  for (std::uint64_t n = 1; n <= kSharedSchools; ++n) {
    const auto school = school_number(n);
    std::map<std::string, std::uint64_t> place_of_name;
    std::uint64_t next = 0;
    ledger.read_school(school, 0, [&](const events::RecordedEvent& event) {
      CHECK(event.sequence == next);
      CHECK(event.stream_version == next + 1);
      ++next;
      const auto& name = std::get<events::SchoolRenamed>(event.body).name;
      const bool is_first = place_of_name.emplace(name, event.sequence).second;
      CAPTURE(name);
      CHECK(is_first);
      return true;
    });
    CHECK(ledger.school_head(school).next_sequence == next);
    for (const auto& [key, told] : told_) {
      if (told.school != school) continue;
      const auto found = place_of_name.find("School " + key);
      CAPTURE(key);
      REQUIRE(found != place_of_name.end());
      CHECK(found->second == told.sequence);
    }
    events += place_of_name.size();
  }
  CHECK(events == told_.size());
}

bool write_persistently(log::EventLog& log, const std::string& name, int from, int to,
                        const std::function<void(const std::string&, const Acknowledged&)>& told,
                        const std::function<void()>& unanswered) {
  for (int n = from; n < to; ++n) {
    const auto key = name + "-" + std::to_string(n);
    const auto school = school_number(1 + static_cast<std::uint64_t>(n) % kSharedSchools);
    const auto request = rename_request(school, key, &real_now_us);
    const auto give_up_at = std::chrono::steady_clock::now() + kPatience;
    auto place = place_of(log::submit(log, request), school);
    for (; !place; place = place_of(log::submit(log, request), school)) {
      unanswered();
      if (std::chrono::steady_clock::now() > give_up_at) return false;
    }
    told(key, *place);
  }
  return true;
}

bool write_persistently(log::EventLog& log, const std::string& name, int from, int to,
                        Acknowledgements& acknowledgements) {
  return write_persistently(
      log, name, from, to,
      [&](const std::string& key, const Acknowledged& told) { acknowledgements.note(key, told); },
      [&] { acknowledgements.note_unanswered(); });
}

}  // namespace klasboek::tests
