// `klasboek import` as an operator runs it.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/import_school.h"
#include "tests/support/source_dir.h"
#include "tools/commands.h"

namespace klasboek::tests {
namespace {

using nlohmann::json;

const std::string kRoot = source_path("");
const std::string kDemoRoster = kRoot + "tools/demo_school/roster.xml";
const std::string kDemoGuardians = kRoot + "tools/demo_school/guardians.csv";
const std::string kSamples = kRoot + "tests/rosters/";

struct Said {
  int code = 0;
  std::string out;
  std::string err;
};

/// A school whose installation the commands open by themselves.
class Desk {
 public:
  Desk() { school_.close(); }

  Said import(const tools::ImportOptions& options, bool as_json = false, bool watched = false) {
    std::ostringstream out;
    std::ostringstream err;
    tools::Configuration configuration;
    configuration.data_dir = school_.data_directory();
    configuration.master_key_file = school_.master_key_file();
    const int code = tools::import_command(
        tools::Toolbox{configuration, as_json, out, err, false, watched}, "", options);
    return {code, out.str(), err.str()};
  }

  Said import(const std::vector<std::string>& files) {
    tools::ImportOptions options;
    options.files = files;
    return import(options);
  }

  std::uint64_t events_in_log() {
    school_.reopen();
    const auto events = school_.events_in_log();
    school_.close();
    return events;
  }

 private:
  ImportSchool school_;
};

TEST_CASE("asked for a plan, the command says everything and does nothing") {
  Desk desk;
  const auto before = desk.events_in_log();
  tools::ImportOptions options;
  options.files = {kDemoRoster, kDemoGuardians};
  options.plan_only = true;
  const auto said = desk.import(options);
  CHECK(said.code == tools::kDone);
  CHECK(said.out.contains("60 new"));
  CHECK(said.out.contains("Nothing was changed"));
  CHECK(desk.events_in_log() == before);
  const auto document = json::parse(desk.import(options, true).out);
  CHECK(document["status"] == "planned");
  CHECK(document["plan"]["counts"]["children_added"] == 60);
}

TEST_CASE("the command imports, and asked again says that nothing is left to do") {
  Desk desk;
  CHECK(desk.import({kDemoRoster, kDemoGuardians}).out.contains("Imported."));
  const auto before = desk.events_in_log();
  const auto again = desk.import({kDemoRoster, kDemoGuardians});
  CHECK(again.code == tools::kDone);
  CHECK(again.out.contains("nothing was changed"));
  CHECK(desk.events_in_log() == before);
}

TEST_CASE("a dirty file is taken in with every problem named: file, line and what to do") {
  Desk desk;
  const auto said =
      desk.import({kSamples + "dirty_uwlr_2.3_soap.xml", kSamples + "dirty_guardians.csv"});
  CHECK(said.code == tools::kDone);
  for (const auto* line :
       {"dirty_uwlr_2.3_soap.xml: error: Line 43: Pupil 2002 is there already on line 23",
        "dirty_uwlr_2.3_soap.xml: note: Line 20: bsn is in the file (2 times) and is never taken",
        "dirty_uwlr_2.3_soap.xml: error: Line 64: Pupil 2008 has no name",
        "dirty_guardians.csv: error: Line 11: Pupil 9999 is neither in the school nor in",
        "    -> Fill in roepnaam and achternaam."}) {
    INFO(line);
    CHECK(said.out.contains(line));
  }
  CHECK_FALSE(said.out.contains("999990019"));
}

TEST_CASE("a file that can't be used is refused in words, and nothing is half done") {
  Desk desk;
  const auto before = desk.events_in_log();
  for (const auto* name : {"truncated.xml", "billion_laughs.xml", "external_entity.xml"}) {
    INFO(name);
    const auto said = desk.import({kSamples + name, kDemoGuardians});
    CHECK(said.code == tools::kRefused);
    CHECK(said.out.contains(std::string(name) + ": error: "));
    CHECK(said.err.contains("Nothing was changed"));
  }
  CHECK(desk.import({kRoot + "tests/no_such_file.xml"}).code == tools::kUsage);
  CHECK(desk.import({kRoot + "tests"}).err.contains("can't be read"));
  CHECK(desk.events_in_log() == before);
}

TEST_CASE("by server, only a safe address and a token will do") {
  Desk desk;
  tools::ImportOptions options;
  options.files = {kDemoRoster};
  options.server = "http://school.example";
  CHECK(desk.import(options).err.contains("https://"));
  CHECK(desk.import(options).code == tools::kUsage);
  options.server = "http://127.0.0.1:9";
  options.token_file = kRoot + "tests/no_such_file";
  CHECK(desk.import(options).err.contains("session token"));
  options.token_file = kRoot + "LICENSE";
  const auto said = desk.import(options);
  CHECK(said.code == tools::kRefused);
  CHECK(said.err.contains("can't be reached"));
}

TEST_CASE("an import shows a bar to people, and none in a file") {
  Desk desk;
  tools::ImportOptions options;
  options.files = {kDemoRoster, kDemoGuardians};
  const auto watched = desk.import(options, false, true).err;
  CHECK(watched.contains("\rimport [####"));
  CHECK(watched.ends_with("] 100 %\n"));
  CHECK(desk.import(options).err.empty());
}

}  // namespace
}  // namespace klasboek::tests
