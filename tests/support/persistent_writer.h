#pragma once
// Clients of a log that don't give up: whoever isn't answered, or hears that the outcome is
// unknown, asks again with the same key, until it is done. And what they were told, to be compared
// with what the log says.
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "events/log/event_log.h"

namespace klasboek::tests {

/// Where the events of a command are, as its client was told.
struct Acknowledged {
  events::SchoolId school;
  std::uint64_t sequence = 0;
  bool operator==(const Acknowledged&) const = default;
};

/// What clients were told, by the command's key. Thread safe.
class Acknowledgements {
 public:
  /// False: it was told of this key before, and otherwise.
  bool note(const std::string& key, const Acknowledged& told);
  /// Somebody was told that nobody knows yet, or that the log can't be written now.
  void note_unanswered();
  [[nodiscard]] std::map<std::string, Acknowledged> all() const;
  [[nodiscard]] std::size_t count() const;
  [[nodiscard]] std::size_t unanswered() const;
  /// Keys that begin so.
  [[nodiscard]] std::size_t count_of(const std::string& prefix) const;
  /// Waits until so many are known; false where it takes longer than anybody would wait.
  [[nodiscard]] bool wait_for(std::size_t count) const;
  /// The same of the keys that begin so.
  [[nodiscard]] bool wait_for(const std::string& prefix, std::size_t count) const;

  /// Every one of them is in the ledger at its place, and once; sequences are dense and versions
  /// too, and there is nothing that nobody asked for. Fails the test where it isn't so.
  void check_against(const log::Ledger& ledger) const;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable noted_;
  std::map<std::string, Acknowledged> told_;
  std::size_t unanswered_ = 0;
};

/// Schools that writers of a test have in common.
inline constexpr std::uint64_t kSharedSchools = 2;

/// Gives the commands `name-from` to `name-(to-1)` to the log, each until it is done; alternately
/// for one of the shared schools and the other. Real time. False: one took longer than anybody
/// would wait.
bool write_persistently(log::EventLog& log, const std::string& name, int from, int to,
                        const std::function<void(const std::string&, const Acknowledged&)>& told,
                        const std::function<void()>& unanswered);

/// The same, noting what was told.
bool write_persistently(log::EventLog& log, const std::string& name, int from, int to,
                        Acknowledgements& acknowledgements);

}  // namespace klasboek::tests
