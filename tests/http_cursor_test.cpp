#include <catch2/catch.hpp>
#include <string>

#include "api/cursor.h"

namespace klasboek::tests {
namespace {

using namespace klasboek::api;

CursorSealer sealer(unsigned char first = 1) {
  CursorSealer::Key key{};
  key[0] = first;
  return CursorSealer(key);
}

QueryParameters query(std::string name, std::string value) {
  QueryParameters parameters;
  parameters.add(std::move(name), std::move(value));
  return parameters;
}

}  // namespace

TEST_CASE("a cursor opens with what was sealed, of any length and bytes") {
  for (std::size_t length : {0U, 1U, 2U, 3U, 100U, 512U}) {
    const std::string payload(length, '\xF0');
    const std::string cursor = sealer().seal("feed/school_1", payload);
    CHECK(cursor.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                   "0123456789-_") == std::string::npos);
    CHECK(sealer().open("feed/school_1", cursor) == payload);
  }
}

TEST_CASE("a cursor that was changed, moved or made elsewhere is refused") {
  const std::string cursor = sealer().seal("feed/school_1", "position 7");
  const auto refused = [](const auto& opened) {
    REQUIRE_FALSE(opened);
    CHECK(opened.error().status == 400);
    CHECK(opened.error().code == "invalid_cursor");
  };
  for (std::size_t i = 0; i < cursor.size(); ++i) {
    std::string changed = cursor;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    refused(sealer().open("feed/school_1", changed));
    refused(sealer().open("feed/school_1", cursor.substr(0, i)));
  }
  refused(sealer().open("feed/school_2", cursor));
  refused(sealer(2).open("feed/school_1", cursor));
  refused(sealer().open("feed/school_1", cursor + "="));
  refused(sealer().open("feed/school_1", cursor + cursor));
  refused(sealer().open("feed/school_1", std::string(5'000, 'A')));
  refused(sealer().open("feed/school_", sealer().seal("feed/school_1", "position 7")));
}

TEST_CASE("a page has 50 items unless 1 to 100 are asked for") {
  CHECK(page_limit({}) == 50);
  CHECK(page_limit(query("limit", "1")) == 1);
  CHECK(page_limit(query("limit", "100")) == 100);
  for (const char* text : {"", "0", "101", "-1", "ten", "1e1", "99999999999999999999"}) {
    INFO(text);
    REQUIRE_FALSE(page_limit(query("limit", text)));
    CHECK(page_limit(query("limit", text)).error().code == "invalid_parameter");
  }
}

TEST_CASE("the link to the next page keeps the question and replaces the cursor") {
  Request request;
  request.path = "/v1/schools/s/absences";
  request.query.add("day", "2026-03-01");
  request.query.add("cursor", "old");
  request.query.add("q", "jan & piet>");
  CHECK(next_link(request, "new") ==
        "</v1/schools/s/absences?day=2026-03-01&q=jan%20%26%20piet%3E&cursor=new>; rel=\"next\"");
  request.query = {};
  CHECK(next_link(request, "n") == "</v1/schools/s/absences?cursor=n>; rel=\"next\"");
}

}  // namespace klasboek::tests
