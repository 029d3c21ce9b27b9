#include <algorithm>
#include <catch2/catch.hpp>
#include <initializer_list>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/source_tree.h"

namespace klasboek::tests {
namespace {

using Names = std::initializer_list<std::string_view>;

// Who may include whom. A room may always include itself.
struct Room {
  std::string_view name;
  Names may_include;
};

const Room kMayInclude[] = {
    {"events", {}},
    {"events/log", {"events"}},
    {"aggregates", {"events"}},
    {"projections", {"events", "events/log"}},
    {"vault", {"events"}},
    {"reactions", {"events", "events/log", "aggregates", "projections", "vault"}},
    {"api", {"events", "events/log", "aggregates", "projections", "vault", "reactions"}},
    {"tools", {"events", "events/log", "aggregates", "projections", "vault", "reactions", "api"}},
};

// Libraries that only some rooms may know, so that the rest could do without them.
struct Library {
  std::string_view include_prefix;
  Names only_in;
};

const Library kLibraries[] = {
    {"rocksdb/", {"events/log", "projections"}},
    {"librdkafka/", {"events/log", "reactions", "vault"}},
    {"httplib.h", {"api", "tools"}},
};

// Where the result may depend on nothing but what is passed in: the same log must give the same
// events, sequences and views on every machine and in every year.
const Names kPureRooms = {"events", "aggregates", "projections"};
const Names kPureFiles = {"events/log/ledger"};

const Names kClockAndRandomNames = {
    "system_clock",        "steady_clock",    "high_resolution_clock",
    "utc_clock",           "tai_clock",       "clock_gettime",
    "gettimeofday",        "localtime",       "localtime_r",
    "random_device",       "mt19937",         "mt19937_64",
    "getrandom",           "getentropy",      "arc4random",
    "randombytes",         "randombytes_buf", "randombytes_random",
    "randombytes_uniform",
};

bool holds(Names names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

std::string joined(Names names) {
  std::string out;
  for (const std::string_view name : names) {
    out += (out.empty() ? "" : ", ") + std::string(name);
  }
  return out.empty() ? "nothing of ours" : out;
}

struct Include {
  std::string name;
  bool is_ours = false;  // in quotes, and not in angle brackets
};

// The name that a line includes; empty when it is no such line.
Include include_of(std::string_view line) {
  const std::size_t hash = line.find_first_not_of(" \t");
  if (hash == std::string_view::npos || line[hash] != '#') {
    return {};
  }
  const std::size_t open = line.find_first_of("\"<", hash);
  if (line.find("include") > open || open == std::string_view::npos) {
    return {};
  }
  const std::size_t close = line.find_first_of("\">", open + 1);
  return {std::string(line.substr(open + 1, close - open - 1)), line[open] == '"'};
}

// What is wrong with one include, or "".
std::string judge_include(std::string_view room, const Include& include) {
  if (!include.is_ours) {
    for (const Library& library : kLibraries) {
      if (include.name.starts_with(library.include_prefix) && !holds(library.only_in, room)) {
        return "<" + include.name + "> is for " + joined(library.only_in) + " only";
      }
    }
    return "";
  }
  const std::string_view other = room_of(include.name);
  if (other.empty()) {
    return "\"" + include.name + "\" is in no room; includes are written from the root";
  }
  const Room* rule = std::ranges::find(kMayInclude, room, &Room::name);
  if (other == room || holds(rule->may_include, other)) {
    return "";
  }
  return std::string(room) + " may include " + joined(rule->may_include) + ", not \"" +
         include.name + "\"";
}

bool must_be_pure(std::string_view path) {
  return holds(kPureRooms, room_of(path)) ||
         std::ranges::any_of(kPureFiles, [&](auto stem) { return path.starts_with(stem); });
}

// Each forbidden include, clock and random number of a file as "file:line: what".
std::vector<std::string> violations(const SourceFile& file) {
  std::vector<std::string> found;
  const auto report = [&](int line, const std::string& what) {
    found.push_back(file.path + ":" + std::to_string(line) + ": " + what);
  };
  const std::string_view room = room_of(file.path);
  if (room.empty()) {
    return found;  // Tests may include everything.
  }
  const std::string code = without_comments_and_strings(file.text);
  std::istringstream lines(code);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    const Include include = include_of(line);
    if (include.name.empty()) {
      continue;
    }
    if (const std::string wrong = judge_include(room, include); !wrong.empty()) {
      report(number, wrong);
    }
  }
  if (!must_be_pure(file.path)) {
    return found;
  }
  const std::vector<Token> tokens = tokens_of(code);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::string_view name = tokens[i].text;
    const bool is_time_call = name == "time" && i + 2 < tokens.size() &&
                              tokens[i + 1].text == "(" &&
                              (tokens[i + 2].text == "nullptr" || tokens[i + 2].text == "NULL");
    const bool is_rand_call =
        holds({"rand", "srand"}, name) && i + 1 < tokens.size() && tokens[i + 1].text == "(";
    if (is_time_call || is_rand_call || holds(kClockAndRandomNames, name)) {
      report(tokens[i].line,
             std::string(name) + ": no clock and no random number here; pass it in");
    }
  }
  return found;
}

std::vector<std::string> violations(std::string path, std::string text) {
  return violations(SourceFile{std::move(path), std::move(text)});
}

}  // namespace

TEST_CASE("every room includes only what it may, and the pure ones have no clock or random number",
          "[tidy]") {
  std::vector<std::string> all;
  for (const SourceFile& file : read_source_tree()) {
    std::ranges::move(violations(file), std::back_inserter(all));
  }
  std::string report;
  for (const std::string& one : all) {
    report += one + "\n";
  }
  INFO(report);
  CHECK(all.empty());
}

TEST_CASE("every room has a row in the table") {
  for (const std::string_view room : kRooms) {
    CAPTURE(room);
    CHECK(std::ranges::count(kMayInclude, room, &Room::name) == 1);
  }
}

TEST_CASE("a planted include of a forbidden room is found, with its file and line") {
  CHECK(violations("aggregates/leave.cpp", "\n#include \"projections/feed.h\"\n") ==
        std::vector<std::string>{"aggregates/leave.cpp:2: aggregates may include events, not "
                                 "\"projections/feed.h\""});
  CHECK(violations("events/ids.h", "#include \"events/log/ledger.h\"").size() == 1);
  CHECK(violations("events/ids.h", "  #  include \"api/clock.h\"").size() == 1);
  CHECK(violations("projections/feed.h", "#include \"feed_row.h\"").size() == 1);
  CHECK(violations("api/leave.cpp", "#include \"tests/support/kafka_broker.h\"").size() == 1);
  CHECK(violations("aggregates/leave.cpp",
                   "#include \"events/ids.h\"\n// #include \"api/clock.h\"\n#include <vector>\n")
            .empty());
  CHECK(violations("tests/leave_test.cpp", "#include \"api/clock.h\"").empty());
}

TEST_CASE("a planted include of a library in the wrong room is found") {
  CHECK(violations("api/leave.cpp", "#include <rocksdb/db.h>") ==
        std::vector<std::string>{
            "api/leave.cpp:1: <rocksdb/db.h> is for events/log, projections only"});
  CHECK(violations("projections/feed.cpp", "#include <librdkafka/rdkafka.h>").size() == 1);
  CHECK(violations("reactions/mail.cpp", "#include <httplib.h>").size() == 1);
  CHECK(violations("projections/feed.cpp", "#include <rocksdb/db.h>").empty());
  CHECK(violations("tools/import.cpp", "#include <httplib.h>").empty());
}

TEST_CASE("a planted clock or random number is found in the pure rooms, and only there") {
  const std::string clock = "auto now() { return std::chrono::system_clock::now(); }";
  CHECK(violations("aggregates/leave.cpp", "int a;\n" + clock)
            .front()
            .starts_with("aggregates/leave.cpp:2: system_clock"));
  CHECK(violations("events/log/ledger_apply.cpp", clock).size() == 1);
  CHECK(violations("api/clock.cpp", clock).empty());
  CHECK(violations("projections/feed.cpp", "auto t = time(nullptr);").size() == 1);
  CHECK(violations("projections/feed.cpp", "row.time(place);").empty());
  CHECK(violations("events/ids.cpp", "std::random_device seed; randombytes_buf(a, 16);").size() ==
        2);
  CHECK(violations("events/ids.cpp", "// no system_clock\nauto a = \"rand\";").empty());
}

}  // namespace klasboek::tests
