#pragma once
// How often a password may be guessed: per address, and per identity from an address. Nobody is
// ever locked out by another's guesses:
//   - what counts against an identity is counted where the guesses come from. Somebody at an
//   address
//     from which nobody failed on it is always looked at once, however many fail elsewhere;
//   - an address from which somebody logged in before isn't closed to him because others there
//   fail;
//   - everything that is refused comes with the time after which it won't be.
// Of one node and in memory: a restart forgets it, and so many nodes let so many times as many by.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "vault/logins.h"

namespace klasboek::api {

/// So many failures at once, and one more for each interval after that.
struct FailureLimit {
  std::int64_t burst = 1;
  std::int64_t interval_us = 1;
};

/// Of one identity from one address.
inline constexpr FailureLimit kPairFailures{5, 60LL * 1'000'000};
/// Of one address, on all identities but those that logged in there before: a school has one
/// address for many people.
inline constexpr FailureLimit kAddressFailures{50, 2LL * 1'000'000};
/// Of one identity from everywhere. Beyond it each address is looked at once per kWaryPauseUs,
/// those excepted where the identity logged in before.
inline constexpr FailureLimit kIdentityFailures{50, 60LL * 1'000'000};
inline constexpr std::int64_t kWaryPauseUs = 15LL * 60 * 1'000'000;
/// So long an address is known to an identity after its last log-in there.
inline constexpr std::int64_t kKnownUs = 60LL * 24 * 3600 * 1'000'000;
/// Of each kind; what lies longest is forgotten first.
inline constexpr std::size_t kThrottledMax = 100'000;

/// Thread-safe. Times are µs of one clock that doesn't run back.
class LoginThrottle {
 public:
  /// Counts an attempt as failed until succeeded() or withdrawn() says otherwise, so that many at
  /// once don't slip through together. Seconds to wait where it isn't to be looked at.
  std::optional<std::uint32_t> begin(vault::IdentityId identity, std::string_view address,
                                     std::int64_t now_us);
  void succeeded(vault::IdentityId identity, std::string_view address, std::int64_t now_us);
  /// It wasn't looked at after all.
  void withdrawn(vault::IdentityId identity, std::string_view address);

 private:
  /// When the last failure will have been forgiven (GCRA's theoretical arrival time).
  struct Failures {
    std::int64_t forgiven_at_us = 0;
    std::int64_t last_us = 0;
    std::int64_t known_until_us = 0;

    [[nodiscard]] std::int64_t wait_us(const FailureLimit& limit, std::int64_t now_us) const;
    void add(const FailureLimit& limit, std::int64_t now_us);
    void take_back(const FailureLimit& limit);
  };
  using Pair = std::pair<vault::IdentityId, std::string>;

  std::mutex mutex_;
  std::map<Pair, Failures> pairs_;
  std::map<std::string, Failures, std::less<>> addresses_;
  std::map<vault::IdentityId, Failures> identities_;
};

/// An IPv4 address as it is, an IPv6 address as its network of 64 bits, which is one customer's.
std::string network_of(std::string_view address);

}  // namespace klasboek::api
