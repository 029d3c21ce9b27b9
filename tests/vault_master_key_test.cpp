#include "vault/master_key.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

#include "tests/support/vault_place.h"

namespace klasboek::tests {
namespace {

using vault::MasterKey;
using vault::MasterKeyFault;

// A directory for the key beside one for the data.
struct Places {
  TemporaryDirectory whole;
  std::filesystem::path data_directory = whole / "register";
  std::filesystem::path file = whole / "master.key";
  Places() { std::filesystem::create_directory(data_directory); }

  void write(const std::string& text, mode_t mode = 0600) const {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
    REQUIRE(::chmod(file.c_str(), mode) == 0);
  }
  MasterKeyFault fault_of_reading() const {
    const auto master = vault::read_master_key(file, data_directory);
    REQUIRE_FALSE(master.has_value());
    CHECK_THAT(master.error().explanation, Catch::Contains(file.string()));
    return master.error().fault;
  }
};

const std::string kHex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
MasterKey hex_key() {
  MasterKey master;
  for (std::uint8_t i = 0; i < 32; ++i) master.bytes.writable()[i] = i;
  return master;
}

// A descriptor from which this text can be read.
int descriptor_with(const std::string& text) {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  REQUIRE(::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  ::close(ends[1]);
  return ends[0];
}

}  // namespace

TEST_CASE("a new master key is in a file for its owner only, and is read back as it was made") {
  const Places places;
  const auto made = vault::create_master_key(places.file, places.data_directory, seeded_random(7));
  REQUIRE(made.has_value());
  struct stat status{};
  REQUIRE(::stat(places.file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  const auto read = vault::read_master_key(places.file, places.data_directory);
  REQUIRE(read.has_value());
  CHECK(read->bytes == made->bytes);
  CHECK(vault::check_value(*read) == vault::check_value(*made));
  CHECK(vault::check_value(*read).size() == 16);
  CHECK(vault::check_value(*read) != vault::check_value(hex_key()));
}

TEST_CASE("a master key is never made over another one") {
  const Places places;
  places.write(kHex);
  const auto made = vault::create_master_key(places.file, places.data_directory, seeded_random(7));
  REQUIRE_FALSE(made.has_value());
  CHECK(made.error().fault == MasterKeyFault::already_there);
  CHECK(vault::read_master_key(places.file, places.data_directory)->bytes == hex_key().bytes);
}

TEST_CASE("a master key within the data directory is refused, by whatever path it is named") {
  const Places places;
  const auto inside = places.data_directory / "master.key";
  const auto fault_at = [&](const std::filesystem::path& file,
                            const std::filesystem::path& directory) {
    const auto made = vault::create_master_key(file, directory, seeded_random(7));
    const auto read = vault::read_master_key(file, directory);
    REQUIRE_FALSE(made.has_value());
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().fault == made.error().fault);
    return made.error().fault;
  };
  CHECK(fault_at(inside, places.data_directory) == MasterKeyFault::inside_data_directory);
  CHECK(fault_at(inside, places.data_directory / "") == MasterKeyFault::inside_data_directory);
  CHECK(fault_at(places.data_directory / "deep" / "master.key", places.data_directory) ==
        MasterKeyFault::inside_data_directory);
  CHECK(fault_at(places.whole / "other" / ".." / "register" / "master.key",
                 places.data_directory) == MasterKeyFault::inside_data_directory);
  std::filesystem::create_directory_symlink(places.data_directory, places.whole / "link");
  CHECK(fault_at(places.whole / "link" / "master.key", places.data_directory) ==
        MasterKeyFault::inside_data_directory);
  CHECK_FALSE(std::filesystem::exists(inside));
  // A name that only begins alike is elsewhere.
  CHECK(vault::create_master_key(places.whole / "register.key", places.data_directory,
                                 seeded_random(7))
            .has_value());
}

TEST_CASE("a master key that others may read is refused") {
  const Places places;
  for (const mode_t mode : {0640U, 0604U, 0620U, 0660U, 0601U}) {
    places.write(kHex, mode);
    CHECK(places.fault_of_reading() == MasterKeyFault::readable_by_others);
  }
  places.write(kHex, 0400);
  CHECK(vault::read_master_key(places.file, places.data_directory).has_value());
}

TEST_CASE("a master key is 32 bytes, or 64 hexadecimal digits with or without a line end") {
  const Places places;
  std::string raw(32, '\0');
  for (std::size_t i = 0; i < raw.size(); ++i) raw[i] = static_cast<char>(i);
  for (const std::string& text : {kHex, kHex + "\n", kHex + "\r\n", raw}) {
    places.write(text);
    const auto read = vault::read_master_key(places.file, places.data_directory);
    REQUIRE(read.has_value());
    CHECK(read->bytes == hex_key().bytes);
  }
  for (const std::string& text :
       {std::string(), std::string("\n"), kHex.substr(1), kHex + "0", kHex + "\n\n\n", " " + kHex,
        std::string(64, 'g'), raw.substr(1), std::string(100'000, '0')}) {
    places.write(text);
    CHECK(places.fault_of_reading() == MasterKeyFault::not_a_key);
  }
}

TEST_CASE("no error about a master key shows a byte of it") {
  const Places places;
  const std::string almost = kHex + "00";
  places.write(almost);
  const auto error = vault::read_master_key(places.file, places.data_directory).error();
  CHECK_FALSE(holds_text(error.explanation, kHex.substr(0, 8)));
}

TEST_CASE("a master key file that isn't there is not found, one that isn't a file not a key") {
  const Places places;
  CHECK(places.fault_of_reading() == MasterKeyFault::not_found);
  CHECK(vault::create_master_key(places.whole / "none" / "master.key", places.data_directory,
                                 seeded_random(7))
            .error()
            .fault == MasterKeyFault::not_found);
}

TEST_CASE("a master key is taken out of the environment") {
  ::setenv("KLASBOEK_TEST_MASTER_KEY", kHex.c_str(), 1);
  const auto master = vault::take_master_key_from_environment("KLASBOEK_TEST_MASTER_KEY");
  REQUIRE(master.has_value());
  CHECK(master->bytes == hex_key().bytes);
  CHECK(std::getenv("KLASBOEK_TEST_MASTER_KEY") == nullptr);
  CHECK(vault::take_master_key_from_environment("KLASBOEK_TEST_MASTER_KEY").error().fault ==
        MasterKeyFault::not_found);
  ::setenv("KLASBOEK_TEST_MASTER_KEY", "changeme", 1);
  CHECK(vault::take_master_key_from_environment("KLASBOEK_TEST_MASTER_KEY").error().fault ==
        MasterKeyFault::not_a_key);
}

TEST_CASE("a master key is read from a file descriptor, which is closed") {
  const int descriptor = descriptor_with(kHex + "\n");
  const auto master = vault::read_master_key_from_descriptor(descriptor);
  REQUIRE(master.has_value());
  CHECK(master->bytes == hex_key().bytes);
  CHECK(::fcntl(descriptor, F_GETFD) == -1);
  CHECK(vault::read_master_key_from_descriptor(descriptor).error().fault ==
        MasterKeyFault::not_found);
  CHECK(vault::read_master_key_from_descriptor(descriptor_with("short")).error().fault ==
        MasterKeyFault::not_a_key);
}

}  // namespace klasboek::tests
