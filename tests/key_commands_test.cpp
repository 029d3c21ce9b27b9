// klasboek key export, check, restore and rotate, as an operator uses them.
#include <fcntl.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "reactions/master_key_rotation.h"
#include "reactions/round_run.h"
#include "tests/support/program_place.h"
#include "vault/master_key.h"

namespace klasboek::tests {
namespace {

using Catch::Contains;
using tools::ExitCode;
using tools::KeyOptions;
using tools::Toolbox;

/// A school, and a passphrase in a file.
struct Desk : Place {
  Desk() {
    make();
    std::ofstream(beside("passphrase")) << "vier blauwe fietsen\n";
  }

  [[nodiscard]] KeyOptions options(const std::string& copy) const {
    KeyOptions options;
    options.copy = copy == "-" ? copy : beside(copy).string();
    options.passphrase_file = beside("passphrase").string();
    options.cost = {.passes = 1, .memory_bytes = 8192};
    return options;
  }
  [[nodiscard]] Outcome export_to(const std::string& copy) const {
    return run([&](const Toolbox& t) { return tools::key_export_command(t, options(copy)); },
               false);
  }
  [[nodiscard]] Outcome check(const std::string& copy) const {
    return run([&](const Toolbox& t) { return tools::key_check_command(t, options(copy)); }, false);
  }
  [[nodiscard]] Outcome rotate() const { return run(tools::key_rotate_command, false); }
  [[nodiscard]] std::string doctor() const { return run(tools::doctor_command, false).out; }
  [[nodiscard]] std::filesystem::path key() const { return configuration.master_key_file; }
};

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST_CASE("the doctor warns until a copy has been checked, and again after a rotation") {
  const Desk desk;
  CHECK_THAT(desk.doctor(), Contains("WARN") && Contains("key export"));
  REQUIRE(desk.export_to("copy.txt").exit_code == ExitCode::kDone);
  CHECK_THAT(desk.doctor(), Contains("WARN"));
  REQUIRE(desk.check("copy.txt").exit_code == ExitCode::kDone);
  CHECK_FALSE(desk.doctor().contains("WARN"));
  REQUIRE(desk.rotate().exit_code == ExitCode::kDone);
  CHECK_THAT(desk.doctor(), Contains("WARN"));
  const auto old = desk.check("copy.txt");
  CHECK(old.exit_code == ExitCode::kRefused);
  CHECK_THAT(old.err, Contains("export that one"));
}

TEST_CASE("a copy is for its owner only, is written over nothing, and can be printed") {
  const Desk desk;
  REQUIRE(desk.export_to("copy.txt").exit_code == ExitCode::kDone);
  using std::filesystem::perms;
  CHECK(std::filesystem::status(desk.beside("copy.txt")).permissions() ==
        (perms::owner_read | perms::owner_write));
  const auto before = text_of(desk.beside("copy.txt"));
  CHECK(desk.export_to("copy.txt").exit_code == ExitCode::kRefused);
  CHECK(text_of(desk.beside("copy.txt")) == before);
  CHECK_THAT(desk.export_to("-").out, Contains("klasboek master key copy 1"));
}

TEST_CASE("from a copy the school is read on a new machine, and no key is overwritten") {
  const Desk desk;
  REQUIRE(desk.export_to("copy.txt").exit_code == ExitCode::kDone);
  const auto restore = [&] {
    return desk.run(
        [&](const Toolbox& t) { return tools::key_restore_command(t, desk.options("copy.txt")); },
        false);
  };
  CHECK(restore().exit_code == ExitCode::kRefused);
  std::filesystem::remove(desk.key());
  CHECK(desk.verify().exit_code == ExitCode::kCannotOpen);
  REQUIRE(restore().exit_code == ExitCode::kDone);
  CHECK(desk.verify().exit_code == ExitCode::kDone);
  CHECK_THAT(desk.doctor(), Contains("log and views"));
}

TEST_CASE("no answer and no fault of these commands holds the key or the passphrase") {
  const Desk desk;
  const auto key = text_of(desk.key()).substr(0, 64);
  const auto said = [&](const Outcome& outcome) {
    CHECK_FALSE((outcome.out + outcome.err).contains(key));
    CHECK_FALSE((outcome.out + outcome.err).contains("blauwe"));
  };
  said(desk.export_to("copy.txt"));
  said(desk.export_to("copy.txt"));
  said(desk.check("copy.txt"));
  said(desk.check("nothing.txt"));
  said(desk.rotate());
  CHECK_FALSE(text_of(desk.beside("copy.txt")).contains(key.substr(0, 8)));
}

TEST_CASE("a rotation changes the key, keeps the one before, and needs nothing else") {
  const Desk desk;
  const auto before = text_of(desk.key());
  REQUIRE(desk.rotate().exit_code == ExitCode::kDone);
  CHECK(text_of(desk.key()) != before);
  CHECK(text_of(vault::previous_master_key_file(desk.key())) == before);
  CHECK_FALSE(std::filesystem::exists(vault::next_master_key_file(desk.key())));
  std::filesystem::remove(vault::previous_master_key_file(desk.key()));
  CHECK(desk.verify().exit_code == ExitCode::kDone);
  // And once more, over what the first one left.
  REQUIRE(desk.rotate().exit_code == ExitCode::kDone);
  CHECK(desk.verify().exit_code == ExitCode::kDone);
}

TEST_CASE("a rotation that was cut off between any two of its steps is run again to its end") {
  const auto renamed = [](const std::filesystem::path& from, const std::filesystem::path& to) {
    std::filesystem::rename(from, to);
  };
  for (const int cut : {0, 1, 2, 3}) {
    CAPTURE(cut);
    const Desk desk;
    const auto next = vault::next_master_key_file(desk.key());
    REQUIRE(vault::create_master_key(next, desk.data(), vault::system_random()).has_value());
    const auto place =
        reactions::vault_place_of(place_of(desk.configuration), vault::system_random());
    REQUIRE(place.has_value());
    // The next key alone; some of it wrapped; all of it; the first of two names changed.
    if (cut > 0) {
      const auto vault = vault::Vault::open(*place);
      REQUIRE(vault.has_value());
      const auto rotated = (*vault)->rotate_master_key(*vault::read_master_key(next, desk.data()),
                                                       [&] { return cut > 1; });
      REQUIRE(rotated == (cut > 1));
    }
    if (cut > 2) renamed(desk.key(), vault::previous_master_key_file(desk.key()));
    CHECK(desk.verify().exit_code == ExitCode::kDone);
    REQUIRE(desk.rotate().exit_code == ExitCode::kDone);
    CHECK_FALSE(std::filesystem::exists(next));
    std::filesystem::remove(vault::previous_master_key_file(desk.key()));
    CHECK(desk.verify().exit_code == ExitCode::kDone);
  }
}

TEST_CASE("the key is changed while the server holds the vault, which serves meanwhile") {
  const Desk desk;
  auto installation = reactions::Installation::open(
      place_of(desk.configuration), [] { return std::int64_t{1'790'000'000'000'000}; },
      vault::system_random());
  REQUIRE(installation.has_value());
  auto& vault = (*installation)->vault();
  const auto keys = vault.keys().all();
  REQUIRE_FALSE(keys->empty());
  {
    reactions::MasterKeyRotation rotation(vault, desk.key(), desk.data());
    const reactions::RoundRun run("master key",
                                  [&](const std::stop_token& stop) { rotation.round(stop); });
    std::jthread reader([&](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        for (const auto& key : *keys) {
          if (!vault.keys().find(key.id)) std::terminate();
        }
      }
    });
    REQUIRE(desk.rotate().exit_code == ExitCode::kDone);
  }
  CHECK(vault.master_ids()->master ==
        vault::id_of(*vault::read_master_key(desk.key(), desk.data())));
  installation->reset();
  std::filesystem::remove(vault::previous_master_key_file(desk.key()));
  CHECK(desk.verify().exit_code == ExitCode::kDone);
}

TEST_CASE("the master key comes by the environment or a descriptor too, and is then in no file") {
  Desk desk;
  const auto key = text_of(desk.key());
  std::filesystem::remove(desk.key());
  ::setenv("KLASBOEK_TEST_KEY", key.substr(0, 64).c_str(), 1);
  desk.configuration.master_key_file = "env:KLASBOEK_TEST_KEY";
  CHECK(desk.verify().exit_code == ExitCode::kDone);
  CHECK(std::getenv("KLASBOEK_TEST_KEY") == nullptr);
  CHECK(desk.verify().exit_code == ExitCode::kCannotOpen);

  std::ofstream(desk.beside("elsewhere")) << key;
  const int descriptor = ::open(desk.beside("elsewhere").c_str(), O_RDONLY | O_CLOEXEC);
  REQUIRE(descriptor >= 0);
  desk.configuration.master_key_file = "fd:" + std::to_string(descriptor);
  CHECK_THAT(desk.doctor(), Contains("log and views"));
  desk.configuration.master_key_file = "fd:7x";
  CHECK(desk.verify().exit_code == ExitCode::kCannotOpen);
  CHECK(desk.rotate().exit_code == ExitCode::kRefused);
}

}  // namespace
}  // namespace klasboek::tests
