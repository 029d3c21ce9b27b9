#include "api/shape.h"

#include <algorithm>
#include <iterator>

#include "api/access.h"
#include "api/cursor.h"

namespace klasboek::api {

namespace {

constexpr std::size_t kCursorCharactersMax = 1'000;
constexpr std::size_t kMomentCharactersMax = 40;
/// Lists that are given whole: a school's children, accounts, groups.
constexpr ListLimits kItemsMax{.min = 0, .max = 100'000};

void append(auto& to, auto from) { std::ranges::move(from, std::back_inserter(to)); }

}  // namespace

Shape Shape::takes(schema::Schema body) && {
  body_ = std::move(body);
  return std::move(*this);
}

Shape Shape::asks(std::vector<QueryParameter> query) && {
  append(query_, std::move(query));
  return std::move(*this);
}

Shape Shape::or_else(Answer answer) && {
  answers_.push_back(std::move(answer));
  return std::move(*this);
}

Shape Shape::versioned() && {
  is_versioned_ = true;
  return std::move(*this);
}

Shape Shape::keyed() && {
  is_keyed_ = true;
  return std::move(*this);
}

Shape Shape::refuses(std::vector<aggregates::Rejection> rejections) && {
  append(rejections_, std::move(rejections));
  return std::move(*this);
}

Shape Shape::fails_with(std::vector<Problem> problems) && {
  append(problems_, std::move(problems));
  return std::move(*this);
}

Shape gives(schema::Schema answer) {
  return Shape(Answer{.status = 200, .description = "Here it is", .body = std::move(answer)});
}

Shape makes(schema::Schema answer) {
  return Shape(Answer{.status = 201, .description = "Made", .body = std::move(answer)});
}

Shape changes() {
  return Shape(Answer{.status = 200, .description = "Done", .body = position_and({})});
}

Shape ends() { return Shape(Answer{.status = 204, .description = "Done", .body = {}}); }

schema::Schema position_and(std::vector<schema::Member> members) {
  members.insert(members.begin(), schema::optional("position", schema::position()));
  return schema::object(members);
}

schema::Schema role_name() {
  std::vector<std::string_view> names;
  for (const auto role : events::wire::EnumValuesRole()) names.push_back(name_of(role));
  return schema::one_of(names);
}

schema::Schema role_names() { return schema::list({.min = 0, .max = 20}, role_name()); }

schema::Schema page_of(const schema::Schema& item) { return page_of(item, {}); }

schema::Schema page_of(const schema::Schema& item, std::vector<schema::Member> before) {
  before.push_back(schema::required("items", schema::list(kItemsMax, item)));
  before.push_back(schema::required(
      "next", schema::nullable(schema::opaque(kCursorCharactersMax, "q3Zk8cJx1w"))));
  return schema::object(before);
}

std::vector<QueryParameter> page_query(std::vector<QueryParameter> others) {
  others.push_back({"limit", schema::integer({.min = 1, .max = kPageLimitMax}, kPageLimitDefault),
                    "At most so many items"});
  others.push_back({"cursor", schema::opaque(kCursorCharactersMax, "q3Zk8cJx1w"),
                    "What the page before had as next"});
  return others;
}

QueryParameter at_query() {
  return {"at", schema::opaque(kMomentCharactersMax, "2026-11-02T08:15:00+01:00"),
          "As it was at this time (RFC 3339) or position of the log"};
}

}  // namespace klasboek::api
