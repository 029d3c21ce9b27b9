#include "events/consent_rule.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace klasboek::events {
namespace {

using Deciders = std::vector<ConsentDecider>;

constexpr auto kVoices =
    std::to_array({ConsentVoice::silent, ConsentVoice::given, ConsentVoice::lapsed,
                   ConsentVoice::refused, ConsentVoice::withdrawn});
constexpr auto kSilencePolicies =
    std::to_array({SilencePolicy::one_yes_counts, SilencePolicy::all_must_answer});
constexpr ConsentPolicy kDefaults;
constexpr ConsentPolicy kStrict{SilencePolicy::all_must_answer, SilencePolicy::all_must_answer};
constexpr ConsentPolicy kLenient{SilencePolicy::one_yes_counts, SilencePolicy::one_yes_counts};

std::string_view outcome(const Deciders& deciders, ConsentPolicy policy = kDefaults) {
  return name_of(consent_outcome(deciders, policy));
}

Deciders one(ConsentVoice voice) { return {{1, voice}}; }
Deciders at_home(ConsentVoice a, ConsentVoice b) { return {{1, a}, {1, b}}; }
Deciders apart(ConsentVoice a, ConsentVoice b) { return {{1, a}, {2, b}}; }

bool has(const Deciders& deciders, ConsentVoice voice) {
  return std::ranges::any_of(deciders, [voice](const auto& d) { return d.voice == voice; });
}
bool has_no(const Deciders& deciders) {
  return has(deciders, ConsentVoice::refused) || has(deciders, ConsentVoice::withdrawn);
}

/// Up to three guardians in up to two households, each with every voice, under every policy.
void for_every_family(const std::function<void(const Deciders&, ConsentPolicy)>& visit) {
  std::vector<Deciders> families = {{}};
  for (std::size_t begin = 0, size = 0; size < 3; ++size) {
    const std::size_t end = families.size();
    for (; begin < end; ++begin) {
      for (const auto voice : kVoices) {
        for (const std::uint8_t household : {1, 2}) {
          auto larger = families[begin];
          larger.push_back({household, voice});
          families.push_back(larger);
        }
      }
    }
  }
  REQUIRE(families.size() == 1 + 10 + 100 + 1000);
  for (const auto& family : families) {
    for (const auto one_household : kSilencePolicies) {
      for (const auto two_households : kSilencePolicies) {
        visit(family, {one_household, two_households});
      }
    }
  }
}

TEST_CASE("nobody to decide, or nobody who answered, is no response") {
  CHECK(outcome({}) == "no_response");
  CHECK(outcome(one(ConsentVoice::silent)) == "no_response");
  CHECK(outcome(apart(ConsentVoice::silent, ConsentVoice::silent)) == "no_response");
}

TEST_CASE("one guardian alone decides") {
  CHECK(outcome(one(ConsentVoice::given)) == "given");
  CHECK(outcome(one(ConsentVoice::refused)) == "refused");
  CHECK(outcome(one(ConsentVoice::withdrawn)) == "withdrawn");
  CHECK(outcome(one(ConsentVoice::lapsed)) == "lapsed");
}

TEST_CASE("yes and silence: by default one yes counts in one household and not across two") {
  CHECK(outcome(at_home(ConsentVoice::given, ConsentVoice::silent)) == "given");
  CHECK(outcome(apart(ConsentVoice::given, ConsentVoice::silent)) == "no_response");
  CHECK(outcome(apart(ConsentVoice::given, ConsentVoice::given)) == "given");
}

TEST_CASE("yes and silence: a school may ask both, or rely on one") {
  CHECK(outcome(at_home(ConsentVoice::given, ConsentVoice::silent), kStrict) == "no_response");
  CHECK(outcome(apart(ConsentVoice::given, ConsentVoice::silent), kLenient) == "given");
}

TEST_CASE("a silent one is spoken for by his own household first") {
  const Deciders mother_and_partner_silent = {
      {1, ConsentVoice::given}, {1, ConsentVoice::silent}, {2, ConsentVoice::given}};
  CHECK(outcome(mother_and_partner_silent) == "given");
  const Deciders father_silent = {
      {1, ConsentVoice::given}, {1, ConsentVoice::given}, {2, ConsentVoice::silent}};
  CHECK(outcome(father_silent) == "no_response");
}

TEST_CASE("different answers are a state of their own") {
  CHECK(outcome(at_home(ConsentVoice::given, ConsentVoice::refused)) == "conflicting");
  CHECK(outcome(apart(ConsentVoice::withdrawn, ConsentVoice::given)) == "conflicting");
}

TEST_CASE("a no beside silence stays that no") {
  CHECK(outcome(apart(ConsentVoice::silent, ConsentVoice::refused)) == "refused");
  CHECK(outcome(apart(ConsentVoice::withdrawn, ConsentVoice::silent)) == "withdrawn");
  CHECK(outcome(apart(ConsentVoice::refused, ConsentVoice::withdrawn)) == "withdrawn");
  CHECK(outcome(apart(ConsentVoice::lapsed, ConsentVoice::refused)) == "refused");
}

TEST_CASE("a lapsed yes counts as silence, and says so where silence blocks") {
  CHECK(outcome(at_home(ConsentVoice::given, ConsentVoice::lapsed)) == "given");
  CHECK(outcome(apart(ConsentVoice::given, ConsentVoice::lapsed)) == "lapsed");
  CHECK(outcome(apart(ConsentVoice::silent, ConsentVoice::lapsed)) == "lapsed");
}

TEST_CASE("from sixteen on only the pupil's answer counts") {
  for (const auto voice : kVoices) {
    const Deciders with_guardians = {
        {1, ConsentVoice::refused}, {0, voice, true}, {2, ConsentVoice::given}};
    CHECK(outcome(with_guardians) == outcome(one(voice)));
  }
}

TEST_CASE("in every family: any active no blocks") {
  for_every_family([](const Deciders& family, ConsentPolicy policy) {
    const auto result = consent_outcome(family, policy);
    const bool is_no = result == ConsentOutcome::refused || result == ConsentOutcome::withdrawn ||
                       result == ConsentOutcome::conflicting;
    REQUIRE(is_no == has_no(family));
    REQUIRE((result == ConsentOutcome::conflicting) ==
            (has_no(family) && has(family, ConsentVoice::given)));
    if (result == ConsentOutcome::withdrawn) REQUIRE(has(family, ConsentVoice::withdrawn));
    if (result == ConsentOutcome::refused) REQUIRE_FALSE(has(family, ConsentVoice::withdrawn));
  });
}

TEST_CASE("in every family: silence is not consent") {
  for_every_family([](const Deciders& family, ConsentPolicy policy) {
    if (consent_outcome(family, policy) != ConsentOutcome::given) return;
    REQUIRE(has(family, ConsentVoice::given));
  });
}

TEST_CASE("in every family: everybody's yes is given, and a strict school needs just that") {
  for_every_family([](const Deciders& family, ConsentPolicy policy) {
    const bool all_yes = !family.empty() && std::ranges::all_of(family, [](const auto& d) {
      return d.voice == ConsentVoice::given;
    });
    if (all_yes) REQUIRE(consent_outcome(family, policy) == ConsentOutcome::given);
    REQUIRE((consent_outcome(family, kStrict) == ConsentOutcome::given) == all_yes);
  });
}

TEST_CASE("in every family: a lenient school needs one yes and no no") {
  for_every_family([](const Deciders& family, ConsentPolicy policy) {
    const bool enough = has(family, ConsentVoice::given) && !has_no(family);
    REQUIRE((consent_outcome(family, kLenient) == ConsentOutcome::given) == enough);
    if (consent_outcome(family, policy) == ConsentOutcome::given) REQUIRE(enough);
  });
}

TEST_CASE(
    "in every family: by default it is given when each household has a yes, and nobody a no") {
  for_every_family([](const Deciders& family, ConsentPolicy) {
    const auto answered = [&](std::uint8_t household) {
      return std::ranges::none_of(family,
                                  [&](const auto& d) { return d.household == household; }) ||
             std::ranges::any_of(family, [&](const auto& d) {
               return d.household == household && d.voice == ConsentVoice::given;
             });
    };
    const bool expected = !family.empty() && answered(1) && answered(2) && !has_no(family);
    REQUIRE((consent_outcome(family, kDefaults) == ConsentOutcome::given) == expected);
  });
}

TEST_CASE("in every family: who is named first makes no difference") {
  for_every_family([](const Deciders& family, ConsentPolicy policy) {
    Deciders turned(family.rbegin(), family.rend());
    REQUIRE(consent_outcome(turned, policy) == consent_outcome(family, policy));
    if (turned.size() == 3) {
      std::ranges::rotate(turned, turned.begin() + 1);
      REQUIRE(consent_outcome(turned, policy) == consent_outcome(family, policy));
    }
  });
}

}  // namespace
}  // namespace klasboek::events
