// The program's commands on a school: what each answers to people and to programs, and its exit
// code.
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "projections/view.h"
#include "tests/support/program_place.h"
#include "tools/progress.h"

namespace klasboek::tests {
namespace {

using Catch::Contains;
using nlohmann::json;
using tools::ExitCode;

std::vector<json> lines_of(const std::string& text) {
  std::vector<json> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(json::parse(line));
  return lines;
}

int tail_all(const tools::Toolbox& toolbox) { return tools::tail_command(toolbox, "", 0); }

TEST_CASE("a school is made with its director, who gets a code to come in by") {
  const Place place;
  const auto made = json::parse(place.make().out);
  CHECK(made["school"].get<std::string>().starts_with("school_"));
  CHECK(made["director"].get<std::string>().starts_with("account_"));
  CHECK_FALSE(made["invitation"].get<std::string>().empty());
}

TEST_CASE("tail gives the events as lines of JSON, from where one asks, and no text") {
  const Place place;
  place.make();
  const auto all = place.run(tail_all);
  CHECK(all.exit_code == ExitCode::kDone);
  const auto lines = lines_of(all.out);
  REQUIRE(lines.size() == 4);
  const std::vector<std::string> expected = {"SchoolFounded", "AccountOpened", "RoleGiven",
                                             "AccountInvited"};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    CHECK(lines[i]["sequence"] == i);
    CHECK(lines[i]["type"] == expected[i]);
  }
  CHECK_FALSE(all.out.contains("Dirkje"));
  CHECK_FALSE(all.out.contains("example.org"));
  const auto rest =
      place.run([](const tools::Toolbox& toolbox) { return tools::tail_command(toolbox, "", 3); });
  CHECK(lines_of(rest.out).size() == 1);
}

TEST_CASE("export gives whole commits, a leaf for each event") {
  const Place place;
  place.make();
  const auto exported =
      place.run([](const tools::Toolbox& toolbox) { return tools::export_command(toolbox, ""); });
  CHECK(exported.exit_code == ExitCode::kDone);
  std::size_t leaves = 0;
  for (const auto& commit : lines_of(exported.out)) {
    CHECK_FALSE(commit["frame"].get<std::string>().empty());
    leaves += commit["leaves"].size();
  }
  CHECK(leaves == lines_of(place.run(tail_all).out).size());
}

TEST_CASE("verify takes every decision again and says so") {
  const Place place;
  place.make();
  const auto verified = place.verify();
  CHECK(verified.exit_code == ExitCode::kDone);
  const auto said = json::parse(verified.out);
  CHECK(said["commits"] == 4);
  CHECK(said["decisions"] == 4);
  CHECK(said["faults"].empty());
  CHECK_THAT(place.run(tools::verify_command, false).out, Contains("all as they were"));
}

TEST_CASE("verify makes every hash again where only that is asked") {
  const Place place;
  place.make();
  const auto verified = place.run(tools::verify_hashes_command);
  CHECK(verified.exit_code == ExitCode::kDone);
  const auto said = json::parse(verified.out);
  CHECK(said["commits"] == 4);
  CHECK(said["events"] == json::parse(place.verify().out)["events"]);
  CHECK(said["faults"].empty());
  CHECK_THAT(place.run(tools::verify_hashes_command, false).out, Contains("every hash is right"));
}

TEST_CASE("replay makes every view anew and finds it equal") {
  const Place place;
  place.make();
  const auto replayed = place.run(tools::replay_command);
  CHECK(replayed.exit_code == ExitCode::kDone);
  const auto views = lines_of(replayed.out);
  CHECK(views.size() == projections::all_views().size());
  for (const auto& view : views) CHECK(view["equal"] == true);
}

TEST_CASE("invite gives everybody who was never invited a code, and nobody twice") {
  const Place place;
  const auto made = json::parse(place.make().out);
  const auto everybody = [](const tools::Toolbox& toolbox) {
    return tools::invite_command(toolbox, "", "");
  };
  CHECK(place.run(everybody).out.empty());
  const std::string director = made["director"];
  const auto again = place.run([&](const tools::Toolbox& toolbox) {
    return tools::invite_command(toolbox, made["school"], director);
  });
  CHECK(again.exit_code == ExitCode::kDone);
  const auto invited = lines_of(again.out);
  REQUIRE(invited.size() == 1);
  CHECK(invited[0]["account"] == director);
  CHECK(invited[0]["code"] != made["invitation"]);
  const auto nobody = place.run([](const tools::Toolbox& toolbox) {
    return tools::invite_command(toolbox, "", "account_of_nobody");
  });
  CHECK(nobody.exit_code == ExitCode::kUsage);
}

TEST_CASE("doctor finds a sound installation sound, and reminds of the copy of the key") {
  const Place place;
  place.make();
  const auto doctor = place.run(tools::doctor_command, false);
  CHECK(doctor.exit_code == ExitCode::kDone);
  CHECK_THAT(doctor.out, Contains("no copy of it has been checked") && Contains("log and views"));
  CHECK_FALSE(doctor.out.contains("MEND"));
  for (const auto& line : lines_of(place.run(tools::doctor_command).out))
    CHECK(line["well"] == (line["level"] == "ok"));
}

TEST_CASE("version names program, frames and schema") {
  const Place place;
  const auto version = place.run(tools::version_command, false);
  CHECK(version.exit_code == ExitCode::kDone);
  CHECK_THAT(version.out, Contains("klasboek 0.") && Contains("format 2") && Contains("schema "));
  const auto as_json = json::parse(place.run(tools::version_command).out);
  CHECK(as_json["frame_format"] == 2);
  CHECK(as_json["schema"].get<std::string>().size() == 64);
}

TEST_CASE("long work shows a bar to people, and none in a file") {
  const Place place;
  place.make();
  const auto export_all = [](const tools::Toolbox& toolbox) {
    return tools::export_command(toolbox, "");
  };
  CHECK_THAT(place.watch(tools::verify_command).err,
             Contains("\rverify [####") && Contains("] 100 %\n"));
  CHECK_THAT(place.watch(export_all).err, Contains("\rexport [####") && Contains("] 100 %\n"));
  const auto replayed = place.watch(tools::replay_command).err;
  CHECK_THAT(replayed, Contains("\rreplay [####") && Contains("] 100 %\n"));
  CHECK(place.run(tools::verify_command).err.empty());
  CHECK(place.run(export_all).err.empty());
  CHECK(place.run(tools::replay_command).err.empty());
}

TEST_CASE("views that are made when an installation opens show a bar") {
  const Place place;
  place.make();
  std::filesystem::remove_all(place.views());
  CHECK_THAT(place.watch(tools::verify_command).err, Contains("\rviews ["));
}

TEST_CASE("a bar is drawn when its number changes, and its line ends with the work") {
  std::ostringstream err;
  const auto bar =
      tools::progress_bar(tools::Toolbox{{}, false, err, err, false, true}, "counting");
  for (std::uint64_t done = 0; done <= 1'000'000; ++done) bar(done, 1'000'000);
  CHECK(std::ranges::count(err.str(), '\r') == 101);
  CHECK(err.str().ends_with("] 100 %\n"));
  CHECK_FALSE(tools::progress_bar(tools::Toolbox{{}, false, err, err}, "counting"));
}

}  // namespace
}  // namespace klasboek::tests
