#include "tests/support/vault_trial.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "tests/support/bit_rot.h"
#include "tests/support/power_cut_sqlite.h"
#include "tests/support/vault_place.h"

namespace klasboek::tests {

namespace {

constexpr std::int64_t kNowUs = 1'790'000'000'000'000;
const events::SchoolId kSchool{{1, 1}};
constexpr events::CommandId kCommand = {7};
/// Opening a vault and a few keys change the disk about as often.
constexpr std::uint64_t kCallsMax = 60;
constexpr std::uint64_t kTextsPerLife = 6;
constexpr std::uint64_t kTextsThatRot = 60;

/// What one vault was asked to keep, over many lives.
class VaultTrial {
 public:
  /// Seals texts until one can't be, or there are so many; false where something failed.
  bool seal(std::uint64_t texts) {
    const auto vault = vault::Vault::open(directory_.place());
    if (!vault) {
      CHECK_THAT(vault.error().explanation, Catch::Contains(directory_.file().string()));
      return false;
    }
    for (std::uint64_t n = 0; n < texts; ++n) {
      if (!seal_one(**vault)) return false;
    }
    return true;
  }
  /// All of them can be read and the file is sound.
  void check_all() {
    const auto vault = directory_.open();
    CHECK(vault->check().has_value());
    for (const auto& [number, sealed] : kept_) {
      INFO("text " << number);
      CHECK(vault->unseal(kSchool, kCommand, sealed) == text_of(number));
    }
  }
  /// True where the vault says that it isn't what was written.
  bool is_refused() {
    const auto vault = vault::Vault::open(directory_.place());
    if (!vault) {
      CHECK_THAT(vault.error().explanation, Catch::Contains(directory_.file().string()));
      return true;
    }
    bool refused = !(*vault)->check().has_value();
    for (const auto& [number, sealed] : kept_) {
      INFO("text " << number);
      const auto text = (*vault)->unseal(kSchool, kCommand, sealed);
      if (text) {
        CHECK(*text == text_of(number));
      } else {
        CHECK(text.error() != vault::UnsealFault::erased);
        refused = true;
      }
    }
    return refused;
  }
  [[nodiscard]] std::filesystem::path file() const { return directory_.file(); }

 private:
  struct Kept {
    std::uint64_t number = 0;
    events::Sealed sealed;
  };
  static std::string text_of(std::uint64_t number) { return "text " + std::to_string(number); }
  bool seal_one(vault::Vault& vault) {
    const auto number = ++last_number_;
    auto sealer = vault.sealer(kSchool, kCommand, kNowUs);
    const events::SubjectRef child{events::wire::SubjectKind::child, {2, number}};
    const auto retention = events::RetentionClass::identity_attendance;
    if (!sealer.seal(child, retention, text_of(number))) return false;
    if (!vault.key_sink().make_durable(sealer.minted())) return false;
    kept_.push_back({number, sealer.texts().front()});
    return true;
  }

  VaultDirectory directory_;
  std::uint64_t last_number_ = 0;
  std::vector<Kept> kept_;
};

}  // namespace

void check_vault_power_cuts(const VaultTrials& trials) {
  std::uint64_t cut_in_time = 0;
  VaultTrial trial;
  for (auto seed = trials.first_seed; seed < trials.first_seed + trials.seeds; ++seed) {
    INFO("seeds " << trials.first_seed << " to " << seed);
    std::mt19937_64 dice(seed);
    {
      PowerCutSqlite disk(1 + dice() % kCallsMax, SQLITE_IOERR);
      if (!trial.seal(kTextsPerLife)) ++cut_in_time;
      disk.cut();
      disk.settle(dice);
    }
    trial.check_all();
  }
  CHECK(cut_in_time > trials.seeds / 4);
}

void check_vault_on_full_disk() {
  std::uint64_t met = 0;
  VaultTrial trial;
  for (std::uint64_t nth = 1;; ++nth) {
    INFO("full from change " << nth << " on");
    bool was_full = false;
    {
      PowerCutSqlite disk(nth, SQLITE_FULL);
      if (!trial.seal(kTextsPerLife)) ++met;
      was_full = disk.was_cut();
    }
    trial.check_all();
    if (!was_full) break;
  }
  CHECK(met > 10);
}

void check_vault_rot(const VaultTrials& trials) {
  VaultTrial trial;
  REQUIRE(trial.seal(kTextsThatRot));
  const auto whole = trial.file().string() + ".whole";
  std::filesystem::copy_file(trial.file(), whole);
  const auto size = std::filesystem::file_size(whole);
  std::uint64_t refused = 0;
  for (auto seed = trials.first_seed; seed < trials.first_seed + trials.seeds; ++seed) {
    std::mt19937_64 dice(seed);
    const auto offset = dice() % size;
    const auto bits = static_cast<std::uint8_t>(1 + dice() % 255);
    INFO("seed " << seed << ", " << trial.file().string() << " at byte " << offset << " xor "
                 << int{bits});
    std::filesystem::copy_file(whole, trial.file(),
                               std::filesystem::copy_options::overwrite_existing);
    flip_byte(trial.file(), offset, bits);
    if (trial.is_refused()) ++refused;
  }
  CHECK(refused > 0);
}

}  // namespace klasboek::tests
