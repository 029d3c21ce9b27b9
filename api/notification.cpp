// What I am told of: the inbox.
#include <charconv>

#include "api/merged.h"
#include "api/page.h"
#include "api/route.h"
#include "projections/inbox.h"

namespace klasboek::api {

namespace {

namespace inbox = projections::inbox;
using events::Role;

std::optional<inbox::InboxCursor> parse_cursor(const std::string& payload) {
  inbox::InboxCursor cursor;
  const char* end = payload.data() + payload.size();
  const auto first = std::from_chars(payload.data(), end, cursor.at_us);
  if (first.ec != std::errc{} || first.ptr == end) return std::nullopt;
  const auto second = std::from_chars(first.ptr + 1, end, cursor.sequence);
  if (second.ec != std::errc{} || second.ptr != end) return std::nullopt;
  return cursor;
}

void write_notification(JsonWriter& json, const Call& call,
                        const inbox::Notification& notification) {
  json.begin_object()
      .text("school", events::to_text(call.school))
      .text("kind", inbox::name_of(notification.kind))
      .instant("at", notification.at_us)
      .integer("position", static_cast<std::int64_t>(notification.sequence));
  json.begin_array("children");
  for (const auto child : notification.children) json.text(events::to_text(child));
  json.end_array();
  if (!notification.post.is_zero()) json.text("post", events::to_text(notification.post));
  if (!notification.leave.is_zero()) json.text("leave", events::to_text(notification.leave));
  if (!notification.absence.is_zero()) json.text("absence", events::to_text(notification.absence));
  json.end_object();
}

Response see_notifications(Call& call) {
  const auto limit = page_limit(call.request.query);
  if (!limit) return call.problem(limit.error());
  const auto scope = "inbox/" + events::to_text(call.caller.account);
  std::optional<inbox::InboxCursor> after;
  if (const auto text = call.request.query.find("cursor")) {
    const auto payload = call.cursors.open(scope, *text);
    if (!payload) return call.problem(payload.error());
    after = parse_cursor(*payload);
  }
  const auto page =
      inbox::page(*call.views, call.school, call.caller.account, call.now_us, after, *limit);
  Page answer{.scope = scope, .items = [&](JsonWriter& json) {
                for (const auto& one : page.notifications) write_notification(json, call, one);
              }};
  if (page.next) {
    answer.next = std::to_string(page.next->at_us) + " " + std::to_string(page.next->sequence);
  }
  return page_answer(call, answer);
}

SchoolItems told_in_school(Call& call, const std::optional<PlaceInSchool>& after,
                           std::size_t limit) {
  std::optional<inbox::InboxCursor> cursor;
  if (after) cursor = inbox::InboxCursor{after->at_us, after->sequence};
  const auto page =
      inbox::page(*call.views, call.school, call.caller.account, call.now_us, cursor, limit);
  SchoolItems found;
  found.has_more = page.next.has_value();
  for (const auto& notification : page.notifications) {
    auto& made =
        found.items.emplace_back(PlaceInSchool{notification.at_us, notification.sequence}, "");
    JsonWriter json(made.json);
    write_notification(json, call, notification);
  }
  return found;
}

Response see_merged_notifications(Call& call) {
  return merged_page(call, "merged inbox", told_in_school);
}

schema::Schema kind_name() {
  std::vector<std::string_view> names;
  for (int n = 0; n <= static_cast<int>(inbox::NotificationKind::invitation); ++n) {
    names.push_back(inbox::name_of(static_cast<inbox::NotificationKind>(n)));
  }
  return schema::one_of(names);
}

schema::Schema notification_shape() {
  using schema::required, schema::optional, schema::seldom;
  return schema::named(
      "Notification",
      schema::object({
          required("school", schema::id<events::SchoolId>()),
          required("kind", kind_name()),
          required("at", schema::instant()),
          required("position", schema::position()),
          required("children", schema::list({.min = 0, .max = 100}, schema::id<events::ChildId>())),
          optional("post", schema::id<events::PostId>()),
          seldom("leave", schema::id<events::LeaveId>()),
          seldom("absence", schema::id<events::AbsenceId>()),
      }));
}

}  // namespace

std::vector<Route> notification_routes() {
  return {
      {Method::get, "/v1/notifications", "see_merged_notifications",
       "What I am told of in all my schools, newest first; each says of which school", logged_in(),
       see_merged_notifications,
       gives(merged_of(notification_shape())).asks(page_query()).versioned()},
      {Method::get, "/v1/schools/{school}/notifications", "see_notifications",
       "What I am told of, newest first",
       members({{Role::guardian},
                {Role::teacher},
                {Role::office},
                {Role::care},
                {Role::director},
                {Role::deputy}}),
       see_notifications, gives(page_of(notification_shape())).asks(page_query()).versioned()},
  };
}

}  // namespace klasboek::api
