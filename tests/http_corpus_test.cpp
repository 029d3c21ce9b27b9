// Malformed HTTP: each file of tests/http_corpus is one conversation that goes wrong in its own
// way.
//
// A file has lines of comment ("# …"), one line "expect: 400" or "expect: 400 malformed_request",
// and then what is sent: all further lines, put together without their line ends. In those, \r \n
// \t \0 \\ and \xHH stand for bytes, and {N*text} for N times that text. "expect: 200 then 400" is
// for conversations of which the last request is the wrong one.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "api/http_server.h"
#include "api/http_text.h"
#include "tests/support/raw_http.h"
#include "tests/support/source_dir.h"

namespace klasboek::tests {
namespace {

using namespace klasboek::api;

struct Conversation {
  std::string name;
  std::vector<int> statuses;
  std::string bytes;
};

// One escape at `at`, which is moved behind it.
std::string unescaped_one(std::string_view text, std::size_t& at) {
  const char kind = text[at + 1];
  at += 2;
  switch (kind) {
    case 'r':
      return "\r";
    case 'n':
      return "\n";
    case 't':
      return "\t";
    case '0':
      return std::string(1, '\0');
    case 'x':
      at += 2;
      return std::string(1,
                         static_cast<char>(hex_value(text[at - 2]) * 16 + hex_value(text[at - 1])));
    default:
      return std::string(1, kind);
  }
}

std::string unescaped(std::string_view text) {
  std::string bytes;
  std::size_t at = 0;
  while (at < text.size()) {
    if (text[at] == '\\' && at + 1 < text.size()) {
      bytes += unescaped_one(text, at);
      continue;
    }
    const std::size_t star = text.find('*', at);
    const bool is_repeat = text[at] == '{' && star != std::string_view::npos &&
                           decimal(text.substr(at + 1, star - at - 1)).has_value();
    if (!is_repeat) {
      bytes += text[at++];
      continue;
    }
    const std::size_t end = text.find('}', star);
    const std::string once = unescaped(text.substr(star + 1, end - star - 1));
    for (auto n = *decimal(text.substr(at + 1, star - at - 1)); n > 0; --n) bytes += once;
    at = end + 1;
  }
  return bytes;
}

Conversation read_conversation(const std::filesystem::path& path) {
  Conversation conversation;
  conversation.name = path.filename();
  std::ifstream file(path);
  std::string escaped;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#') && conversation.statuses.empty()) continue;
    if (conversation.statuses.empty() && line.starts_with("expect: ")) {
      std::istringstream words(line.substr(8));
      for (std::string word; words >> word;) {
        if (word != "then") conversation.statuses.push_back(std::stoi(word));
      }
      continue;
    }
    escaped += line;
  }
  REQUIRE_FALSE(conversation.statuses.empty());
  conversation.bytes = unescaped(escaped);
  return conversation;
}

std::vector<Conversation> corpus() {
  std::vector<Conversation> all;
  const std::filesystem::path place = std::filesystem::path(source_path("tests/http_corpus"));
  for (const auto& entry : std::filesystem::directory_iterator(place)) {
    if (entry.path().extension() == ".txt") all.push_back(read_conversation(entry.path()));
  }
  std::ranges::sort(all, {}, &Conversation::name);
  return all;
}

HttpServerOptions options_for_corpus() {
  HttpServerOptions options;
  options.body_bytes_max = 1'000;
  return options;
}

Response answer(const Request& request) {
  return ok_json("{\"bytes\":" + std::to_string(request.body.size()) + "}");
}

// Sends the conversation, cut into pieces of so many bytes, and checks its answers.
void hold(const Conversation& conversation, std::uint16_t port, std::size_t piece) {
  INFO(conversation.name << " in pieces of " << piece);
  RawClient client(port);
  for (std::size_t at = 0; at < conversation.bytes.size(); at += piece) {
    const std::string_view part = std::string_view(conversation.bytes).substr(at, piece);
    if (client.send_some(part) < part.size()) break;
  }
  client.end_sending();
  for (const int status : conversation.statuses) {
    const RawAnswer answered = client.read_answer();
    CHECK(answered.status == status);
    if (status < 400) continue;
    CHECK(answered.field("content-type") == "application/problem+json");
    CHECK_FALSE(answered.code().empty());
    CHECK(answered.field("connection") == "close");
  }
  CHECK(client.read_to_end().empty());
}

}  // namespace

TEST_CASE("every malformed conversation is answered with its problem, and then it is over") {
  HttpServer server(options_for_corpus(), answer);
  REQUIRE(server.start());
  const auto conversations = corpus();
  REQUIRE(conversations.size() >= 40);
  for (const Conversation& conversation : conversations) {
    hold(conversation, server.port(), conversation.bytes.size());
    // Byte by byte the same; the long ones in larger pieces, for the time's sake.
    hold(conversation, server.port(), conversation.bytes.size() > 2'000 ? 997 : 1);
    CHECK(ask(server.port(), get("/")).status == 200);
  }
  CHECK(server.figures().faults == 0);
}

}  // namespace klasboek::tests
