// The master key is changed: everything stays readable at any moment, wherever it is cut off, and
// afterwards the old key opens nothing of what is on disk.
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "tests/support/vault_place.h"

namespace klasboek::tests {
namespace {

constexpr std::int64_t kNowUs = 1'790'000'000'000'000;
constexpr std::uint8_t kOld = 1;
constexpr std::uint8_t kNext = 2;
const events::SchoolId kSchool{{1, 1}};
/// Several steps of a rotation.
constexpr int kTexts = 700;
const auto kAlways = [] { return true; };

events::CommandId command_number(int n) {
  return {static_cast<std::uint8_t>(n / 250), static_cast<std::uint8_t>(n % 250), 1};
}

std::string text_number(int n) { return "tekst nummer " + std::to_string(n); }

events::Sealed seal(vault::Vault& vault, int n) {
  auto sealer = vault.sealer(kSchool, command_number(n), kNowUs);
  const events::SubjectRef child{events::SubjectKind::child, {5, static_cast<std::uint64_t>(n)}};
  REQUIRE(sealer.seal(child, events::RetentionClass::consent, text_number(n)).has_value());
  REQUIRE(vault.key_sink().make_durable(sealer.minted()).has_value());
  return sealer.texts().front();
}

/// Keys, a log-in, what waits to be sent, a claim that came too late: a row of each kind there is.
class FullVault {
 public:
  FullVault() {
    const auto vault = directory_.open();
    for (int n = 0; n < kTexts; ++n) texts_.push_back(seal(*vault, n));
    REQUIRE(vault->logins()
                .prepare_password({1}, "fenna@voorbeeld.example", {kSchool, {{5, 1}}},
                                  "vier blauwe fietsen")
                .has_value());
    REQUIRE(vault->logins().set_password_by_invitation({1}, {kSchool, {{5, 1}}}).has_value());
    REQUIRE(vault->transit().put(vault::TransitKind::mail, {6, 1}, "wacht").has_value());
    REQUIRE(vault->checkpoints().record(kSchool, {0, 7, {3}}).has_value());
    const events::KeyId gone = texts_.back().key;
    REQUIRE(vault->keys().destroy({&gone, 1}).has_value());
    texts_.pop_back();
    seed_ = vault->signing_seed();
  }

  std::unique_ptr<vault::Vault> open(std::uint8_t master, std::vector<std::uint8_t> others = {}) {
    auto opened = try_open(master, std::move(others));
    if (!opened) throw std::runtime_error(opened.error().explanation);
    return *std::move(opened);
  }
  std::expected<std::unique_ptr<vault::Vault>, vault::OpenError> try_open(
      std::uint8_t master, std::vector<std::uint8_t> others = {}) {
    auto place = directory_.place(master);
    for (const auto other : others) place.others.push_back(master_key(other));
    return vault::Vault::open(place);
  }

  void check_all(vault::Vault& vault) const {
    for (std::size_t n = 0; n < texts_.size(); ++n) {
      const auto number = static_cast<int>(n);
      REQUIRE(vault.unseal(kSchool, command_number(number), texts_[n]) == text_number(number));
    }
    CHECK(vault.logins().check_password("fenna@voorbeeld.example", "vier blauwe fietsen"));
    CHECK(vault.transit().take(vault::TransitKind::mail, {6, 1}).value() == "wacht");
    CHECK(vault.checkpoints().last(kSchool).value()->size == 7);
    CHECK(vault.signing_seed() == seed_);
  }

  /// Whether any file of it holds a value that this master key wrapped, deleted ones too.
  bool holds_rows_of(std::uint8_t master) const {
    const auto id = vault::id_of(master_key(master));
    return directory_.all_bytes().contains(
        std::string_view(reinterpret_cast<const char*>(id.data()), id.size()));
  }

  const VaultDirectory& directory() const { return directory_; }

 private:
  VaultDirectory directory_;
  std::vector<events::Sealed> texts_;
  events::KeyBytes seed_;
};

TEST_CASE("after a rotation the next master key alone opens all of it, and the old one nothing") {
  FullVault full;
  {
    const auto vault = full.open(kOld);
    CHECK(vault->rotate_master_key(master_key(kNext), kAlways) == true);
    full.check_all(*vault);
    const int later = 999;
    const auto text = seal(*vault, later);
    CHECK(vault->unseal(kSchool, command_number(later), text) == text_number(later));
  }
  CHECK_FALSE(full.holds_rows_of(kOld));
  CHECK(full.holds_rows_of(kNext));
  const auto refused = full.try_open(kOld);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().fault == vault::OpenFault::wrong_master_key);
  full.check_all(*full.open(kNext));
  // The older one lies beside it, for older backups.
  full.check_all(*full.open(kNext, {kOld}));
}

TEST_CASE("cut off after any step both keys open all of it, one alone is refused, and it goes on") {
  FullVault full;
  int cuts = 0;
  for (bool is_done = false; !is_done; ++cuts) {
    CAPTURE(cuts);
    {
      const auto vault = full.open(kOld, {kNext});
      // Each time it gets a step further than its beginning.
      int steps = 0;
      const auto rotated =
          vault->rotate_master_key(master_key(kNext), [&] { return steps++ < cuts; });
      REQUIRE(rotated.has_value());
      is_done = *rotated;
      full.check_all(*vault);
    }
    if (is_done) break;
    for (const auto alone : {kOld, kNext}) {
      const auto refused = full.try_open(alone);
      REQUIRE_FALSE(refused.has_value());
      CHECK(refused.error().fault == vault::OpenFault::wrong_master_key);
      CHECK(refused.error().explanation.contains(
          events::to_hex(vault::id_of(master_key(alone == kOld ? kNext : kOld)))));
    }
    full.check_all(*full.open(kOld, {kNext}));
    full.check_all(*full.open(kNext, {kOld}));
  }
  CHECK(cuts >= 3);
  CHECK_FALSE(full.holds_rows_of(kOld));
  full.check_all(*full.open(kNext));
}

TEST_CASE("while it is wrapped anew the vault seals and opens, and nothing of it is left behind") {
  FullVault full;
  constexpr int kFirstMeanwhile = 2000;
  std::vector<events::Sealed> meanwhile;
  std::atomic<bool> is_rotated{false};
  {
    const auto vault = full.open(kOld);
    std::atomic<int> sealed{0};
    std::jthread school([&] {
      for (int n = kFirstMeanwhile; !is_rotated || n < kFirstMeanwhile + 50; ++n) {
        auto sealer = vault->sealer(kSchool, command_number(n), kNowUs);
        const events::SubjectRef child{events::SubjectKind::child,
                                       {5, static_cast<std::uint64_t>(n)}};
        const auto slot = sealer.seal(child, events::RetentionClass::consent, text_number(n));
        if (!slot || !vault->key_sink().make_durable(sealer.minted())) {
          sealed.store(1'000'000);  // nobody waits for more
          sealed.notify_all();
          return;
        }
        meanwhile.push_back(sealer.texts().front());
        sealed.fetch_add(1);
        sealed.notify_all();
      }
    });
    // The rotation goes on only as the school does.
    int steps = 0;
    const auto rotated = vault->rotate_master_key(master_key(kNext), [&] {
      for (int seen = sealed; seen <= 5 * steps; seen = sealed) sealed.wait(seen);
      ++steps;
      return true;
    });
    is_rotated = true;
    school.join();
    REQUIRE(rotated == true);
    REQUIRE(meanwhile.size() > 10);
  }
  CHECK_FALSE(full.holds_rows_of(kOld));
  const auto vault = full.open(kNext);
  full.check_all(*vault);
  for (std::size_t i = 0; i < meanwhile.size(); ++i) {
    const int n = kFirstMeanwhile + static_cast<int>(i);
    REQUIRE(vault->unseal(kSchool, command_number(n), meanwhile[i]) == text_number(n));
  }
}

TEST_CASE("a row that was wrapped just before the key changed comes in wrapped anew") {
  VaultDirectory directory;
  vault::Wrapping wrapping(master_key(kOld), seeded_random(1));
  wrapping.also_open(master_key(kNext));
  auto store = vault::SecretStore::open(directory.path(), wrapping, {});
  REQUIRE(store.has_value());
  const auto late = wrapping.row(vault::RowKind::login, {1}, {}, vault::Bytes{7});
  REQUIRE((*store)->begin_rotation(vault::id_of(master_key(kNext))).has_value());
  wrapping.wrap_with(vault::id_of(master_key(kNext)));
  vault::SecretStore::RowPlace after;
  REQUIRE((*store)->wrap_anew(wrapping, 10, after) == false);
  REQUIRE((*store)->write({&late, 1}).has_value());
  CHECK((*store)->count_wrapped_otherwise(vault::id_of(master_key(kNext))) == 0);
  const auto row = (*store)->get(vault::RowKind::login, vault::Bytes{1});
  REQUIRE((row && *row));
  CHECK(wrapping.is_current(**row));
  CHECK(wrapping.open(**row)->span()[0] == 7);
}

TEST_CASE("a claim that came too late is wrapped anew like the one that stands") {
  VaultDirectory directory;
  vault::Wrapping wrapping(master_key(kOld), seeded_random(1));
  wrapping.also_open(master_key(kNext));
  auto store = vault::SecretStore::open(directory.path(), wrapping, {});
  REQUIRE(store.has_value());
  const std::array rows = {wrapping.row(vault::RowKind::claim, {1}, {9}, {}),
                           wrapping.row(vault::RowKind::claim, {2}, {9}, {})};
  REQUIRE((*store)->write(rows).has_value());
  REQUIRE((*store)->with_key_prefix(vault::RowKind::void_claim, {})->size() == 1);
  wrapping.wrap_with(vault::id_of(master_key(kNext)));
  vault::SecretStore::RowPlace after;
  REQUIRE((*store)->wrap_anew(wrapping, 10, after).has_value());
  CHECK((*store)->count_wrapped_otherwise(vault::id_of(master_key(kNext))) == 0);
}

TEST_CASE("a row that doesn't open keeps the old key needed, and is said") {
  VaultDirectory directory;
  {
    vault::Wrapping wrapping(master_key(kOld), seeded_random(1));
    auto store = vault::SecretStore::open(directory.path(), wrapping, {});
    REQUIRE(store.has_value());
    auto row = wrapping.row(vault::RowKind::login, {1}, {}, vault::Bytes{7});
    row.value.back() ^= 1U;
    REQUIRE((*store)->write({&row, 1}).has_value());
  }
  const auto vault = directory.open();
  const auto rotated = vault->rotate_master_key(master_key(kNext), kAlways);
  REQUIRE_FALSE(rotated.has_value());
  CHECK(rotated.error() == vault::VaultFault::damaged);
  CHECK(vault->master_ids()->next == vault::id_of(master_key(kNext)));
}

TEST_CASE("a rotation to a third key waits until the one before is done") {
  VaultDirectory directory;
  const auto vault = directory.open();
  REQUIRE(vault->rotate_master_key(master_key(kNext), [] { return false; }) == false);
  const auto third = vault->rotate_master_key(master_key(3), kAlways);
  REQUIRE_FALSE(third.has_value());
  CHECK(third.error() == vault::VaultFault::busy);
  CHECK(vault->rotate_master_key(master_key(kNext), kAlways) == true);
  CHECK(vault->rotate_master_key(master_key(3), kAlways) == true);
}

}  // namespace
}  // namespace klasboek::tests
