// The head of a request and its target, as pure functions. Sockets: http_server_test.cpp.
#include <catch2/catch.hpp>
#include <random>
#include <string>

#include "api/http_request_head.h"
#include "api/http_text.h"

namespace klasboek::tests {
namespace {

using namespace klasboek::api;

std::string get_with(const std::string& fields) {
  return "GET /a HTTP/1.1\r\nHost: school.example\r\n" + fields + "\r\n";
}

int refusal_of(const std::string& head) {
  const HeadScan scan = scan_head(head, 0);
  if (scan.verdict == HeadScan::Verdict::refused) return scan.problem.status;
  REQUIRE(scan.verdict == HeadScan::Verdict::complete);
  const auto parsed = parse_head(std::string_view(head).substr(0, scan.head_bytes));
  return parsed ? 0 : parsed.error().status;
}

int target_refusal(std::string_view target) {
  const auto parsed = parse_target(target);
  return parsed ? 0 : parsed.error().status;
}

}  // namespace

TEST_CASE("a plain request is understood") {
  const auto head = parse_head(
      "POST /v1/schools/s%20x/posts?at=2026-01-01&q=jan+de%20B HTTP/1.1\r\nHost: a.example:80\r\n"
      "Content-Length: 12\r\nX-Empty:\r\nx-padded: \t v \r\n\r\n");
  REQUIRE(head);
  CHECK(head->method == Method::post);
  CHECK(head->target.path == "/v1/schools/s%20x/posts");
  CHECK(head->target.segments == std::vector<std::string>{"v1", "schools", "s x", "posts"});
  CHECK(head->target.query.find("at") == "2026-01-01");
  CHECK(head->target.query.find("q") == "jan de B");
  CHECK_FALSE(head->target.query.find("Q"));
  CHECK(head->target.authority == "a.example:80");
  CHECK(head->content_length_bytes == 12);
  CHECK(head->headers.find("x-EMPTY") == "");
  CHECK(head->headers.find("X-Padded") == "v");
  CHECK(head->keep_alive);
}

TEST_CASE("the wish to keep the connection is read from version and Connection") {
  const auto keeps = [](const std::string& head) { return parse_head(head)->keep_alive; };
  CHECK(keeps(get_with("")));
  CHECK_FALSE(keeps(get_with("Connection: close\r\n")));
  CHECK_FALSE(keeps(get_with("Connection: Keep-Alive, CLOSE\r\n")));
  CHECK_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
  CHECK(keeps("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST_CASE("the end of the head is found wherever the bytes are cut") {
  const std::string head = get_with("Accept: */*\r\n");
  const std::string bytes = head + "rest\n";
  for (std::size_t cut = 1; cut < head.size(); ++cut) {
    CHECK(scan_head(std::string_view(bytes).substr(0, cut), 0).verdict ==
          HeadScan::Verdict::incomplete);
    const HeadScan scan = scan_head(bytes, cut);
    REQUIRE(scan.verdict == HeadScan::Verdict::complete);
    CHECK(scan.head_bytes == head.size());
  }
}

TEST_CASE("what two programs could read in two ways is refused") {
  CHECK(refusal_of("GET /a HTTP/1.1\nHost: a\r\n\r\n") == 400);
  CHECK(refusal_of(get_with("Folded: a\r\n b\r\n")) == 400);
  CHECK(refusal_of(get_with("Host: other.example\r\n")) == 400);
  CHECK(refusal_of(get_with("Name : v\r\n")) == 400);
  CHECK(refusal_of(get_with(std::string("Name: a\0b\r\n", 11))) == 400);
  CHECK(refusal_of(get_with("Name: a\rb\r\n")) == 400);
  CHECK(refusal_of(get_with("Name: \xFF\r\n")) == 400);
  CHECK(refusal_of(get_with("no colon\r\n")) == 400);
  CHECK(refusal_of(get_with(": v\r\n")) == 400);
  CHECK(refusal_of(get_with("Content-Length: 1\r\n")) == 400);
  CHECK(refusal_of(get_with("Authorization: a\r\nAuthorization: b\r\n")) == 400);
  CHECK(refusal_of("GET  /a HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
  CHECK(refusal_of("GET /a\r\nHost: a\r\n\r\n") == 400);
  CHECK(refusal_of("GET /a HTTP/1.1 \r\nHost: a\r\n\r\n") == 400);
  CHECK(refusal_of("GET * HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
  CHECK(refusal_of("\x16\x03\x01") == 400);
}

TEST_CASE("versions and methods that the server doesn't know are named as such") {
  CHECK(refusal_of("GET /a HTTP/2.0\r\nHost: a\r\n\r\n") == 505);
  CHECK(refusal_of("PRI * HTTP/2.0\r\n\r\n") == 505);
  CHECK(refusal_of("GET /a HTTPS/1.1\r\nHost: a\r\n\r\n") == 400);
  CHECK(refusal_of("BREW /a HTTP/1.1\r\nHost: a\r\n\r\n") == 501);
  CHECK(refusal_of("get /a HTTP/1.1\r\nHost: a\r\n\r\n") == 501);
  CHECK(refusal_of("CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n") == 501);
}

TEST_CASE("a host is a name or an address, with or without a port") {
  for (const char* host :
       {"a", "a.example", "a.example:443", "127.0.0.1:8080", "[::1]:80", "[::1]", "under_score"}) {
    INFO(host);
    CHECK(is_host(host));
  }
  for (const char* host : {"", ":80", "a:", "a:x", "a:99999", "a b", "a/b", "a,b", "[::1", "[]",
                           "[::1]x", "user@a", "a:80:80"}) {
    INFO(host);
    CHECK_FALSE(is_host(host));
  }
}

TEST_CASE("a target is refused when it can't be trusted") {
  for (const char* target :
       {"/a%",        "/a%2",         "/a%zz",       "/a%00",    "/a%0A",    "/a%7f", "/a%ff",
        "/a%C0%AF",   "/a/../b",      "/a/%2e%2e/b", "/./a",     "/a?x=%00", "/a?=v", "/a?x=%fe",
        "/a?x=1&x=2", "/a?x=1&%78=2", "/a\\b",       "/a#b",     "/a\"",     "a",     "",
        "ftp://a/b",  "http://",      "/a\x7f",      "/\xC3\xA9"}) {
    INFO(target);
    CHECK(target_refusal(target) == 400);
  }
}

TEST_CASE("limits of a target are exact") {
  CHECK(target_refusal("/" + std::string(kPathBytesMax - 1, 'a')) == 0);
  CHECK(target_refusal("/" + std::string(kPathBytesMax, 'a')) == 414);
  CHECK(target_refusal("/a?b=" + std::string(kTargetBytesMax - 5, 'c')) == 0);
  CHECK(target_refusal("/a?b=" + std::string(kTargetBytesMax - 4, 'c')) == 414);
  std::string many = "/a?";
  for (int i = 0; i < 64; ++i) many += "p" + std::to_string(i) + "=&";
  CHECK(target_refusal(many) == 0);
  CHECK(target_refusal(many + "q=") == 400);
}

TEST_CASE("the absolute form of a target is a path with a host of its own") {
  const auto target = parse_target("http://a.example:80/x?y=z");
  REQUIRE(target);
  CHECK(target->authority == "a.example:80");
  CHECK(target->path == "/x");
  CHECK(target->query.find("y") == "z");
  CHECK(parse_target("HTTP://a.example")->path == "/");
  CHECK(refusal_of("GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
}

TEST_CASE("random bytes are refused or understood, never more than that") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  const std::string good = get_with("Content-Length: 0\r\nConnection: close\r\n");
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = good;
    for (int change = 0; change < 3; ++change) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    const HeadScan scan = scan_head(bytes, 0);
    if (scan.verdict == HeadScan::Verdict::refused) {
      CHECK(scan.problem.status >= 400);
    } else if (scan.verdict == HeadScan::Verdict::complete) {
      const auto head = parse_head(std::string_view(bytes).substr(0, scan.head_bytes));
      if (head) {
        CHECK(head->headers.count("host") <= 1);
        CHECK(is_utf8(head->target.path));
      } else {
        CHECK(head.error().status >= 400);
      }
    }
  }
}

}  // namespace klasboek::tests
