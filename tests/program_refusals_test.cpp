// What the program says when it is started wrongly or on something it can't serve: an exit code,
// clear words on standard error, and nothing was changed.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "events/log/ledger.h"
#include "events/log/ledger_rows.h"
#include "events/log/rocks.h"
#include "tests/support/program_place.h"
#include "tools/commands.h"
#include "vault/master_key.h"
#include "vault/sqlite.h"

namespace klasboek::tests {
namespace {

using Catch::Contains;
using tools::Configuration;
using tools::ExitCode;

/// It wasn't opened, and it was said why.
void check_not_opened(const Outcome& outcome, const std::string& words) {
  CHECK(outcome.exit_code == ExitCode::kCannotOpen);
  CHECK_THAT(outcome.err, Contains(words));
  CHECK_THAT(outcome.err, Contains("klasboek: "));
}

TEST_CASE("every command that reads says that there is no klasboek, and makes none") {
  const Place place;
  const std::map<std::string, std::function<int(const tools::Toolbox&)>> commands = {
      {"verify", tools::verify_command},
      {"replay", tools::replay_command},
      {"tail", [](const auto& toolbox) { return tools::tail_command(toolbox, "", 0); }},
      {"export", [](const auto& toolbox) { return tools::export_command(toolbox, ""); }},
      {"invite", [](const auto& toolbox) { return tools::invite_command(toolbox, "", ""); }}};
  for (const auto& [name, command] : commands) {
    CAPTURE(name);
    const auto outcome = place.run(command);
    check_not_opened(outcome, place.configuration.data_dir + " holds no klasboek");
    CHECK_THAT(outcome.err, Contains("klasboek school create"));
  }
  const auto doctor = place.run(tools::doctor_command, false);
  CHECK(doctor.exit_code == ExitCode::kRefused);
  CHECK_THAT(doctor.out, Contains("MEND") && Contains(place.configuration.master_key_file));
  CHECK_FALSE(std::filesystem::exists(place.data()));
  CHECK_FALSE(std::filesystem::exists(place.configuration.master_key_file));
}

TEST_CASE("serving begins a new volume only where its master key was laid ready") {
  const Place place;
  const auto open = [](const tools::Toolbox& toolbox) {
    return tools::open_installation(toolbox, reactions::IfMissing::make_with_key) ? 0 : 3;
  };
  check_not_opened(place.run(open), "holds no klasboek");
  REQUIRE(vault::create_master_key(place.configuration.master_key_file, place.data(),
                                   vault::system_random())
              .has_value());
  CHECK(place.run(open).exit_code == 0);
}

TEST_CASE("another master key, and none, are refused; the right one opens as before") {
  Place place;
  place.make();
  const auto right = place.configuration.master_key_file;
  place.configuration.master_key_file = place.beside("other.key").string();
  check_not_opened(place.verify(), "isn't there");
  REQUIRE(vault::create_master_key(place.configuration.master_key_file, place.data(),
                                   vault::system_random())
              .has_value());
  check_not_opened(place.verify(), "was made with another master key");
  std::ofstream(place.configuration.master_key_file) << "no key at all";
  check_not_opened(place.verify(), "holds no key");
  place.configuration.master_key_file = right;
  CHECK(place.verify().exit_code == ExitCode::kDone);
}

/// A RocksDB that no program has open, with all its families.
class Database {
 public:
  explicit Database(const std::filesystem::path& directory) {
    const auto options = log::rocks::db_options();
    std::vector<std::string> names;
    REQUIRE(rocksdb::DB::ListColumnFamilies(options, directory.string(), &names).ok());
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const auto& name : names) families.emplace_back(name, log::rocks::family_options());
    rocksdb::DB* raw = nullptr;
    REQUIRE(rocksdb::DB::Open(options, directory.string(), families, &handles_, &raw).ok());
    db_.reset(raw);
    for (std::size_t i = 0; i < names.size(); ++i) by_name_[names[i]] = handles_[i];
  }
  ~Database() {
    for (auto* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
  }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  std::string get(const std::string& family, const std::string& key) {
    std::string value;
    REQUIRE(db_->Get({}, by_name_.at(family), key, &value).ok());
    return value;
  }
  void put(const std::string& family, const std::string& key, const std::string& value) {
    REQUIRE(db_->Put({}, by_name_.at(family), key, value).ok());
  }
  /// Key and value of the last row.
  std::pair<std::string, std::string> last(const std::string& family) {
    const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator({}, by_name_.at(family)));
    it->SeekToLast();
    REQUIRE(it->Valid());
    return {it->key().ToString(), it->value().ToString()};
  }
  void add_family(const std::string& name) {
    rocksdb::ColumnFamilyHandle* handle = nullptr;
    REQUIRE(db_->CreateColumnFamily(log::rocks::family_options(), name, &handle).ok());
    handles_.push_back(handle);
  }

 private:
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  std::map<std::string, rocksdb::ColumnFamilyHandle*> by_name_;
};

TEST_CASE("a log of a newer version is refused, whatever is newer in it") {
  Place place;
  place.make();
  SECTION("how the ledger is laid out") {
    Database ledger(place.ledger());
    auto identity = ledger.get("default", "identity");
    identity[3] = static_cast<char>(identity[3] + 1);
    ledger.put("default", "identity", identity);
  }
  SECTION("a family of rows that this program doesn't know") {
    Database(place.ledger()).add_family("media");
  }
  SECTION("the format of its last frame") {
    Database ledger(place.ledger());
    auto [key, record] = ledger.last("records");
    const auto frame = record.find("KBCF");
    REQUIRE(frame != std::string::npos);
    record[frame + 4] = static_cast<char>(events::kFrameFormat + 1);
    ledger.put("records", key, record);
  }
  check_not_opened(place.verify(), "was written by a newer version of klasboek: run that version");
  CHECK_THAT(place.verify().err, Contains(place.ledger().string()));
}

TEST_CASE("views of a newer layout are refused, and made anew where they are taken away") {
  Place place;
  place.make();
  {
    Database views(place.views());
    auto layout = views.get("default", "layout");
    for (auto& byte : layout) byte = '\x02';
    views.put("default", "layout", layout);
  }
  const auto outcome = place.verify();
  check_not_opened(outcome, "was written by a newer version of klasboek");
  CHECK_THAT(outcome.err, Contains(place.views().string()) && Contains("made anew"));
  std::filesystem::remove_all(place.views());
  CHECK(place.verify().exit_code == ExitCode::kDone);
}

TEST_CASE("a vault of a newer schema is refused with its file") {
  Place place;
  place.make();
  const auto set_version = [&](const std::string& version) {
    auto database = vault::Connection::open(place.data() / "vault" / "vault.sqlite",
                                            vault::Connection::Mode::write, 1000);
    REQUIRE(database.has_value());
    REQUIRE(database->run("PRAGMA user_version = " + version).has_value());
  };
  set_version("99");
  check_not_opened(place.verify(), "start the newer klasboek");
  set_version("1");
  CHECK(place.verify().exit_code == ExitCode::kDone);
}

std::expected<Configuration, std::string> read_file(const Place& place, const std::string& text) {
  const auto file = place.beside("klasboek.toml");
  std::ofstream(file) << text;
  return tools::read_configuration(file, [](const std::string&) { return std::nullopt; }, {});
}

TEST_CASE("a configuration that can't be used is refused with file, line or key, and what may be") {
  const Place place;
  const auto refusal = [&](const std::string& text) {
    const auto read = read_file(place, text);
    REQUIRE_FALSE(read.has_value());
    CHECK_THAT(read.error(), Contains("klasboek.toml"));
    return read.error();
  };
  CHECK_THAT(refusal("data_dri = \"/x\"\n"),
             Contains("data_dri is no setting") && Contains("data_dir") && Contains("log.kind"));
  CHECK_THAT(refusal("[log]\nkidn = \"kafka\"\n"), Contains("log.kidn is no setting"));
  CHECK_THAT(refusal("[mail]\n[mail.server]\nhost = \"x\"\n"), Contains("mail.server.host"));
  CHECK_THAT(refusal("log_level = \"loud\"\n"), Contains("log_level must be one of trace"));
  CHECK_THAT(refusal("[log]\nkind = \"paper\"\n"), Contains("must be one of embedded kafka"));
  CHECK_THAT(refusal("[log]\npartitions = 0\n"), Contains("log.partitions must be a whole number"));
  CHECK_THAT(refusal("[log]\npartitions = \"many\"\n"), Contains("log.partitions"));
  CHECK_THAT(refusal("listen = \"8080\"\n"), Contains("listen must be address:port"));
  CHECK_THAT(refusal("listen = \"127.0.0.1:99999\"\n"), Contains("listen must be address:port"));
  CHECK_THAT(refusal("listen = 1.5\n"), Contains("listen must be text"));
  CHECK_THAT(refusal("trusted_proxies = [1]\n"), Contains("trusted_proxies"));
  CHECK_THAT(refusal("data_dir = \"/x\"\ndata_dir"), Contains("klasboek.toml:2"));
  CHECK_THAT(refusal("data_dir = \"/x\"\ndata_dir = \"/y\"\n"), Contains("klasboek.toml:2"));
}

TEST_CASE("a configuration file that was named and isn't there is refused, a directory too") {
  const Place place;
  const auto nothing = [](const std::string&) { return std::nullopt; };
  const auto missing = tools::read_configuration(place.beside("nowhere.toml"), nothing, {});
  REQUIRE_FALSE(missing.has_value());
  CHECK_THAT(missing.error(), Contains("nowhere.toml isn't there"));
  const auto directory = tools::read_configuration(place.beside(""), nothing, {});
  REQUIRE_FALSE(directory.has_value());
  CHECK_THAT(directory.error(), Contains("is a directory"));
}

TEST_CASE("what environment and flags say wrongly is named, and Kafka needs its brokers") {
  const Place place;
  const auto said = [](const std::string& name) -> std::optional<std::string> {
    if (name == "KLASBOEK_LOG_KIND") return "paper";
    return std::nullopt;
  };
  const auto nothing = [](const std::string&) { return std::nullopt; };
  std::ofstream(place.beside("empty.toml")) << "\n";
  const auto by_environment = tools::read_configuration(place.beside("empty.toml"), said, {});
  REQUIRE_FALSE(by_environment.has_value());
  CHECK_THAT(by_environment.error(), Contains("environment KLASBOEK_LOG_KIND"));
  const auto by_flag =
      tools::read_configuration(place.beside("empty.toml"), nothing, {{"listen", "nowhere"}});
  REQUIRE_FALSE(by_flag.has_value());
  CHECK_THAT(by_flag.error(), Contains("listen must be address:port"));
  const auto no_brokers =
      tools::read_configuration(place.beside("empty.toml"), nothing, {{"log.kind", "kafka"}});
  REQUIRE_FALSE(no_brokers.has_value());
  CHECK_THAT(no_brokers.error(), Contains("log.brokers must name host:port"));
}

TEST_CASE("a school that isn't here, or isn't named among several, is said so with the choices") {
  Place place;
  place.make();
  const auto tail = [&](const std::string& school) {
    return place.run(
        [&](const tools::Toolbox& toolbox) { return tools::tail_command(toolbox, school, 0); });
  };
  CHECK(tail("").exit_code == ExitCode::kDone);
  CHECK(tail("school_x").exit_code == ExitCode::kUsage);
  CHECK_THAT(tail("school_x").err, Contains("--school is the id of a school"));
  const auto unknown = tail(events::to_text(events::SchoolId{{1, 2}}));
  CHECK(unknown.exit_code == ExitCode::kUsage);
  CHECK_THAT(unknown.err, Contains("no such school"));
  place.make();
  const auto several = tail("");
  CHECK(several.exit_code == ExitCode::kUsage);
  CHECK_THAT(several.err, Contains("there are several schools"));
}

}  // namespace
}  // namespace klasboek::tests
