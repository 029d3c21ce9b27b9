#pragma once
// What a route takes and answers. A Shape has no default: a route that doesn't say what it answers
// doesn't compile.
//
//   makes(published()).takes(post_body()).refuses({Rejection::group_not_found})
//
// What follows from method, path and access (an Idempotency-Key, 401, a body that is too large, …)
// isn't said here; route_problems.h adds it.
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "aggregates/rejection.h"
#include "api/problem.h"
#include "api/schema.h"

namespace klasboek::api {

struct QueryParameter {
  std::string_view name;
  schema::Schema form;
  std::string_view description;
  bool is_required = false;
};

/// An answer that isn't a problem.
struct Answer {
  int status = 200;
  std::string_view description;
  /// nullopt: no body.
  std::optional<schema::Schema> body;
  std::string_view content_type = "application/json";
};

class Shape {
 public:
  Shape() = delete;
  explicit Shape(Answer answer) : answers_{std::move(answer)} {}

  /// The body of the request.
  Shape takes(schema::Schema body) &&;
  /// Parameters of the query.
  Shape asks(std::vector<QueryParameter> query) &&;
  /// Another answer than the first.
  Shape or_else(Answer answer) &&;
  /// A GET: the answer has an ETag, and If-None-Match spares it. A change: it has an ETag, and
  /// If-Match lets it happen only to what one has read.
  Shape versioned() &&;
  /// An Idempotency-Key is asked though the route is open to anybody.
  Shape keyed() &&;
  /// What the domain may refuse, besides who may ask.
  Shape refuses(std::vector<aggregates::Rejection> rejections) &&;
  /// Problems of the handler's own, each as an example.
  Shape fails_with(std::vector<Problem> problems) &&;

  [[nodiscard]] const std::optional<schema::Schema>& body() const { return body_; }
  [[nodiscard]] const std::vector<QueryParameter>& query() const { return query_; }
  [[nodiscard]] const std::vector<Answer>& answers() const { return answers_; }
  [[nodiscard]] const std::vector<aggregates::Rejection>& rejections() const { return rejections_; }
  [[nodiscard]] const std::vector<Problem>& problems() const { return problems_; }
  [[nodiscard]] bool is_versioned() const { return is_versioned_; }
  [[nodiscard]] bool is_keyed() const { return is_keyed_; }

 private:
  std::optional<schema::Schema> body_;
  std::vector<QueryParameter> query_;
  std::vector<Answer> answers_;
  std::vector<aggregates::Rejection> rejections_;
  std::vector<Problem> problems_;
  bool is_versioned_ = false;
  bool is_keyed_ = false;
};

/// 200 with this body.
Shape gives(schema::Schema answer);
/// 201 with this body and Location.
Shape makes(schema::Schema answer);
/// 200 with the position alone.
Shape changes();
/// 204.
Shape ends();

/// `{"position":…}` and these: what a change answers. The position is missing where nothing had to
/// be recorded.
schema::Schema position_and(std::vector<schema::Member> members);
/// `{"position":…,"id":…}`.
template <class AnId>
schema::Schema position_and_id() {
  return position_and({schema::required("id", schema::id<AnId>())});
}

/// A person's name in one text, as answers have it.
inline constexpr std::size_t kFullNameCharactersMax = 500;
/// One of the roles, and a list of them.
schema::Schema role_name();
schema::Schema role_names();

/// `{"items":[…],"next":…}`.
schema::Schema page_of(const schema::Schema& item);
/// The same with members before it.
schema::Schema page_of(const schema::Schema& item, std::vector<schema::Member> before);
/// ?limit= and ?cursor=, and `others`.
std::vector<QueryParameter> page_query(std::vector<QueryParameter> others = {});
/// ?at=, a moment of the past.
QueryParameter at_query();

}  // namespace klasboek::api
