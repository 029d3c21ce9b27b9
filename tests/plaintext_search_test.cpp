// The search that says that no text is on disk finds what is there: otherwise its silence would
// mean nothing.
#include "tests/support/plaintext_search.h"

#include <rocksdb/options.h>
#include <rocksdb/sst_file_writer.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "tests/support/temporary_directory.h"
#include "vault/sqlite.h"

namespace klasboek::tests {
namespace {

const std::string kName = "Sietske";

std::vector<PlaintextFound> found_in(const std::string& bytes) {
  const TemporaryDirectory directory;
  std::filesystem::create_directories(directory / "deep" / "er");
  std::ofstream(directory / "deep" / "er" / "file", std::ios::binary) << bytes;
  return search_plaintext({directory.path()}, {"Nobody at all", kName});
}

TEST_CASE("a planted text is found, in every form and at any place of a file") {
  const std::vector<std::pair<std::string, std::string>> planted = {
      {"utf-8", kName},
      {"utf-8", "SIETSKE"},
      {"utf-16", std::string("S\0i\0e\0t\0s\0k\0e\0", 14)},
      {"utf-16", std::string("\0S\0i\0e\0t\0s\0k\0e", 14)},
      {"hexadecimal", "53696574736b65"},
      {"hexadecimal", "53696574736B65"},
      {"base64", "U2lldHNrZQ"},
      {"base64", "NpZXRza2"},
      {"base64", "TaWV0c2tl"}};
  for (const auto& [form, bytes] : planted) {
    CAPTURE(form, bytes);
    for (const std::string& before : {std::string(), std::string(100'000, '\x7F')}) {
      const auto all = found_in(before + bytes + "..");
      REQUIRE(all.size() == 1);
      CHECK(all[0].text == kName);
      CHECK(all[0].form == form);
    }
  }
  CHECK(found_in("Sietse, siets, Si etske").empty());
}

TEST_CASE("a text is found in a compressed table of RocksDB, where its bytes don't stand as such") {
  const TemporaryDirectory directory;
  const auto file = directory / "000001.sst";
  rocksdb::Options options;
  options.compression = rocksdb::kSnappyCompression;
  rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), options);
  REQUIRE(writer.Open(file.string()).ok());
  // Snappy writes what came before as a reference to it: "Siets" and "etske" alone don't tell.
  REQUIRE(writer.Put("a", std::string(2000, 'x') + "Siets" + std::string(50, 'y')).ok());
  REQUIRE(writer.Put("b", "etske" + std::string(2000, 'z') + kName).ok());
  REQUIRE(writer.Finish().ok());
  std::ifstream in(file, std::ios::binary);
  const std::string raw{std::istreambuf_iterator<char>(in), {}};
  INFO("size " << raw.size());
  CHECK_FALSE(raw.contains(std::string(100, 'x')));
  CHECK_FALSE(search_plaintext({directory.path()}, {kName}).empty());
  CHECK_FALSE(search_plaintext({directory.path()}, {std::string(1000, 'z')}).empty());
}

TEST_CASE("a text is found in a free page of SQLite, after its row was deleted") {
  const TemporaryDirectory directory;
  {
    auto database =
        vault::Connection::open(directory / "a.sqlite", vault::Connection::Mode::write, 0);
    REQUIRE(database.has_value());
    REQUIRE(database
                ->run("PRAGMA secure_delete = OFF; CREATE TABLE t (a TEXT);"
                      "INSERT INTO t VALUES ('" +
                      kName + "'); DELETE FROM t;")
                .has_value());
    CHECK(database->number("SELECT count(*) FROM t") == 0);
  }
  CHECK_FALSE(search_plaintext({directory.path()}, {kName}).empty());
}

}  // namespace
}  // namespace klasboek::tests
