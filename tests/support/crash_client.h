#pragma once
// Somebody who goes on asking while the server is killed under his hands: he remembers what was
// acknowledged, and what wasn't answered he asks again with the same key until it is.
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/support/crash_school.h"

namespace klasboek::tests {

/// When in one life of the server it is killed from outside; nothing set: not at all.
struct KillMoment {
  /// After so many answers came in, to all clients together.
  std::optional<std::uint64_t> after_answers;
  /// When this client has sent so many bytes of its request with this number, from 1 on; all of
  /// them, where there are fewer.
  std::size_t client = 0;
  std::optional<std::uint64_t> request;
  std::size_t bytes = 0;
};

/// One life of the server, as all clients see it.
struct ServerLife {
  std::uint16_t port = 0;
  KillMoment moment;
  std::function<void()> kill;
  std::atomic<std::uint64_t> answers = 0;

  /// An answer came in.
  void count_answer();
};

struct AcknowledgedRequest {
  Asked asked;
  int status = 0;
  std::string body;
};

/// One thread at a time.
class CrashClient {
 public:
  /// number: its place among the clients. Ids of the school only are kept of it.
  CrashClient(const CrashSchool& school, CrashPerson person, std::size_t number,
              std::uint64_t seed);

  /// Repeats what was acknowledged last and what wasn't answered, and then asks new things; until
  /// the server is gone; whether it was there to the end.
  bool live(ServerLife& life, std::size_t new_requests);

  [[nodiscard]] const CrashPerson& person() const { return person_; }
  [[nodiscard]] const std::vector<AcknowledgedRequest>& acknowledged() const {
    return acknowledged_;
  }
  [[nodiscard]] bool has_unknown() const { return unknown_.has_value(); }
  /// Requests that were acknowledged only when they were asked again.
  [[nodiscard]] std::size_t settled() const { return settled_; }
  /// What went wrong, in words; empty where nothing did.
  [[nodiscard]] const std::vector<std::string>& faults() const { return faults_; }

 private:
  struct Told {
    int status = 0;
    std::string body;
  };
  /// Throws std::runtime_error where the server goes before it has answered.
  Told send(RawClient& client, ServerLife& life, const Asked& asked);
  void repeat_last(RawClient& client, ServerLife& life);
  void settle(RawClient& client, ServerLife& life);
  void take(const Asked& asked, const Told& told);
  [[nodiscard]] Asked next_request();
  [[nodiscard]] Asked of_director();
  [[nodiscard]] Asked of_guardian();

  std::string root_;
  std::string group_;
  std::string purpose_;
  std::string invited_;
  CrashPerson person_;
  std::size_t number_;
  std::mt19937_64 dice_;
  std::uint64_t requests_ = 0;
  std::uint64_t requests_of_life_ = 0;
  bool consent_given_ = false;
  /// Of the absence that stands now; empty: none.
  std::string absence_;
  std::vector<AcknowledgedRequest> acknowledged_;
  std::optional<Asked> unknown_;
  std::size_t settled_ = 0;
  std::vector<std::string> faults_;
};

}  // namespace klasboek::tests
