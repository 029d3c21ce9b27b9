#include "api/login_throttle.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace klasboek::api {

namespace {

constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::size_t kNetworkBytes = 8;

std::uint32_t whole_seconds(std::int64_t wait_us) {
  return static_cast<std::uint32_t>((wait_us + kSecondUs - 1) / kSecondUs);
}

/// Makes room for one more: what counts for nothing any more goes, then whatever lies longest.
void make_room(auto& map, std::int64_t now_us) {
  if (map.size() < kThrottledMax) return;
  std::erase_if(map, [&](const auto& entry) {
    return entry.second.forgiven_at_us <= now_us && entry.second.known_until_us <= now_us;
  });
  while (map.size() >= kThrottledMax) {
    map.erase(
        std::ranges::min_element(map, {}, [](const auto& entry) { return entry.second.last_us; }));
  }
}

}  // namespace

std::int64_t LoginThrottle::Failures::wait_us(const FailureLimit& limit,
                                              std::int64_t now_us) const {
  return forgiven_at_us - now_us - (limit.burst - 1) * limit.interval_us;
}

void LoginThrottle::Failures::add(const FailureLimit& limit, std::int64_t now_us) {
  forgiven_at_us = std::max(forgiven_at_us, now_us) + limit.interval_us;
  last_us = now_us;
}

void LoginThrottle::Failures::take_back(const FailureLimit& limit) {
  forgiven_at_us -= limit.interval_us;
}

std::optional<std::uint32_t> LoginThrottle::begin(vault::IdentityId identity,
                                                  std::string_view address, std::int64_t now_us) {
  const std::scoped_lock lock(mutex_);
  make_room(pairs_, now_us);
  make_room(addresses_, now_us);
  make_room(identities_, now_us);
  const auto network = network_of(address);
  auto& pair = pairs_[{identity, network}];
  auto& there = addresses_[network];
  auto& everywhere = identities_[identity];
  std::int64_t wait_us = pair.wait_us(kPairFailures, now_us);
  if (pair.known_until_us <= now_us) {
    wait_us = std::max(wait_us, there.wait_us(kAddressFailures, now_us));
    const bool is_wary = everywhere.wait_us(kIdentityFailures, now_us) > 0;
    const bool has_failed = pair.last_us != 0;
    if (is_wary && has_failed) wait_us = std::max(wait_us, pair.last_us + kWaryPauseUs - now_us);
  }
  if (wait_us > 0) return whole_seconds(wait_us);
  pair.add(kPairFailures, now_us);
  there.add(kAddressFailures, now_us);
  everywhere.add(kIdentityFailures, now_us);
  return std::nullopt;
}

void LoginThrottle::succeeded(vault::IdentityId identity, std::string_view address,
                              std::int64_t now_us) {
  withdrawn(identity, address);
  const std::scoped_lock lock(mutex_);
  // Whoever knows the password isn't held up by what he mistyped.
  auto& pair = pairs_[{identity, network_of(address)}];
  pair.forgiven_at_us = 0;
  pair.last_us = now_us;
  pair.known_until_us = now_us + kKnownUs;
}

void LoginThrottle::withdrawn(vault::IdentityId identity, std::string_view address) {
  const std::scoped_lock lock(mutex_);
  const auto network = network_of(address);
  const auto pair = pairs_.find({identity, network});
  if (pair != pairs_.end()) pair->second.take_back(kPairFailures);
  const auto there = addresses_.find(network);
  if (there != addresses_.end()) there->second.take_back(kAddressFailures);
  const auto everywhere = identities_.find(identity);
  if (everywhere != identities_.end()) everywhere->second.take_back(kIdentityFailures);
}

std::string network_of(std::string_view address) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  std::string text(address);
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return text;
  return "v6:" + std::string(bytes.begin(), bytes.begin() + kNetworkBytes);
}

}  // namespace klasboek::api
