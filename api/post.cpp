// Posts and the feed.
#include <charconv>

#include "api/admission.h"
#include "api/merged.h"
#include "api/page.h"
#include "api/person_text.h"
#include "api/route.h"
#include "projections/feed.h"

namespace klasboek::api {

namespace {

namespace feed = projections::feed;
using aggregates::Rejection;
using events::Role;
using schema::optional;
using schema::required;
using schema::seldom;

constexpr TextLimits kTitleLimits{.min = 1, .max = 200};
constexpr TextLimits kTextLimits{.min = 1, .max = 20'000, .lines = true};
constexpr TextLimits kReasonLimits{.min = 1, .max = 2'000, .lines = true};
constexpr ListLimits kGroupLimits{.min = 1, .max = 100};

events::SubjectRef subject_of(events::PostId post) {
  return {events::SubjectKind::post, post.value};
}

/// Seals a text of the post; slot 0 where there is none.
std::expected<std::uint16_t, vault::VaultFault> seal(vault::Sealer& sealer, events::PostId post,
                                                     const std::optional<std::string>& text) {
  return sealer.seal_optional(subject_of(post), events::RetentionClass::post, text);
}

struct PostBody {
  std::vector<events::GroupId> groups;
  std::optional<std::string> title;
  std::optional<std::string> text;
  std::int64_t release_at_us = 0;
  std::optional<events::Day> last_day;
  bool must_confirm = false;
  std::optional<std::string> emergency_reason;
};

std::expected<PostBody, Problem> read_post(const Call& call) {
  const auto body = read_json(call.request);
  if (!body) return std::unexpected(body.error());
  JsonReader reader(*body);
  PostBody post;
  reader.list("groups", kGroupLimits, [&](JsonItem& item) {
    const auto group =
        item.parsed([](std::string_view text) { return events::parse_id<events::GroupId>(text); },
                    "the id of a group");
    if (group) post.groups.push_back(*group);
  });
  post.title = reader.text("title", kTitleLimits);
  post.text = reader.text("text", kTextLimits);
  post.release_at_us = reader.optional_instant_us("release_at").value_or(0);
  post.last_day = reader.optional_day("last_day");
  post.must_confirm = reader.optional_boolean("must_confirm").value_or(false);
  post.emergency_reason = reader.optional_text("emergency_reason", kReasonLimits);
  if (auto problem = reader.finish()) return std::unexpected(*std::move(problem));
  return post;
}

std::string post_path(const Call& call, events::PostId post) {
  return "/v1/schools/" + events::to_text(call.school) + "/posts/" + events::to_text(post);
}

Response publish(Call& call) {
  const auto post = read_post(call);
  if (!post) return call.problem(post.error());
  const auto id = made_id<events::PostId>(*command_id_of(call));
  Change change;
  change.build =
      [&](vault::Sealer& sealer) -> std::expected<events::CommandBody, vault::VaultFault> {
    events::PublishPost order;
    order.post = id;
    order.groups = post->groups;
    order.release_at_us = post->release_at_us;
    order.last_day = post->last_day.value_or(events::Day{});
    order.open_ended = !post->last_day;
    order.must_confirm = post->must_confirm;
    const auto title = seal(sealer, id, post->title);
    const auto text = seal(sealer, id, post->text);
    const auto reason = seal(sealer, id, post->emergency_reason);
    if (!title || !text || !reason) return std::unexpected(vault::VaultFault::busy);
    order.title = *title;
    order.text = *text;
    order.emergency_reason = *reason;
    return order;
  };
  change.answer = [&](const std::vector<events::RecordedEvent>& events) {
    const auto& published = std::get<events::PostPublished>(events.at(0).body);
    return changed(
        events,
        [&](JsonWriter& json) {
          json.text("id", events::to_text(published.post))
              .instant("release_at", published.release_at_us)
              .boolean("held_by_window", published.held_by_window);
        },
        post_path(call, published.post));
  };
  return carry_out(call, change);
}

/// Heads know every post; to anybody else one that isn't in his feed looks like none.
bool may_know(const Call& call, events::PostId id) {
  if (call.caller.role == Role::director || call.caller.role == Role::deputy) return true;
  return feed::item(*call.views, call.school, call.caller.account, id).has_value();
}

Response edit(Call& call) {
  const auto id = call.path_id<events::PostId>("post");
  if (!id || !may_know(call, *id)) return call.problem(not_found());
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  const auto title = reader.optional_text("title", kTitleLimits);
  const auto text = reader.optional_text("text", kTextLimits);
  if (const auto problem = reader.finish()) return call.problem(*problem);
  Change change;
  change.read_from = events::post_stream(*id);
  change.build =
      [&](vault::Sealer& sealer) -> std::expected<events::CommandBody, vault::VaultFault> {
    events::EditPost order;
    order.post = *id;
    const auto title_slot = seal(sealer, *id, title);
    const auto text_slot = seal(sealer, *id, text);
    if (!title_slot || !text_slot) return std::unexpected(vault::VaultFault::busy);
    order.title = *title_slot;
    order.text = *text_slot;
    return order;
  };
  change.answer = [&](const std::vector<events::RecordedEvent>& events) {
    return changed(events, [&](JsonWriter& json) { json.text("id", events::to_text(*id)); });
  };
  return carry_out(call, change);
}

Response retract(Call& call) {
  const auto id = call.path_id<events::PostId>("post");
  if (!id || !may_know(call, *id)) return call.problem(not_found());
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  const auto reason = reader.optional_text("reason", kReasonLimits);
  if (const auto problem = reader.finish()) return call.problem(*problem);
  Change change;
  change.read_from = events::post_stream(*id);
  change.build =
      [&](vault::Sealer& sealer) -> std::expected<events::CommandBody, vault::VaultFault> {
    events::RetractPost order;
    order.post = *id;
    const auto slot = seal(sealer, *id, reason);
    if (!slot) return std::unexpected(slot.error());
    order.reason = *slot;
    return order;
  };
  change.answer = [&](const std::vector<events::RecordedEvent>& events) {
    return changed(events, [&](JsonWriter& json) { json.text("id", events::to_text(*id)); });
  };
  return carry_out(call, change);
}

std::string author_name(const Call& call, events::AccountId author) {
  const auto row = projections::directory::account(*call.views, call.school, author);
  return row ? person_name_of(call.open_text(row->name)).full() : std::string();
}

void write_item(JsonWriter& json, const Call& call, const feed::FeedItem& item) {
  const auto& post = item.post;
  json.begin_object()
      .text("id", events::to_text(post.id))
      .text("school", events::to_text(call.school))
      .text("title", call.open_text(post.title))
      .text("text", call.open_text(post.text))
      .text("author", events::to_text(post.author))
      .text("author_name", author_name(call, post.author))
      .instant("release_at", post.release_at_us)
      .boolean("must_confirm", post.must_confirm);
  if (post.edited_at_us != 0) json.instant("edited_at", post.edited_at_us);
  if (post.last_day) json.day("last_day", *post.last_day);
  json.begin_array("groups");
  for (const auto group : post.groups) json.text(events::to_text(group));
  json.end_array().begin_array("children");
  for (const auto child : item.reasons.children) json.text(events::to_text(child));
  json.end_array().end_object();
}

Response see_post(Call& call) {
  const auto id = call.path_id<events::PostId>("post");
  if (!id) return call.problem(not_found());
  const auto item = feed::item(*call.views, call.school, call.caller.account, *id);
  // A post that hasn't appeared yet is its author's alone.
  if (!item || (!item->post.is_shown(call.now_us, call.today) && !item->reasons.is_author)) {
    return call.problem(not_found());
  }
  std::string text;
  JsonWriter json(text);
  write_item(json, call, *item);
  return tagged(call, item->post.version, std::move(text));
}

/// `<release_at_us> <sequence>`.
std::optional<feed::FeedCursor> parse_cursor(const std::string& payload) {
  feed::FeedCursor cursor;
  const char* end = payload.data() + payload.size();
  const auto first = std::from_chars(payload.data(), end, cursor.release_at_us);
  if (first.ec != std::errc{} || first.ptr == end) return std::nullopt;
  const auto second = std::from_chars(first.ptr + 1, end, cursor.sequence);
  if (second.ec != std::errc{} || second.ptr != end) return std::nullopt;
  return cursor;
}

Response see_feed(Call& call) {
  const auto limit = page_limit(call.request.query);
  if (!limit) return call.problem(limit.error());
  const auto scope = "feed/" + events::to_text(call.caller.account);
  std::optional<feed::FeedCursor> after;
  if (const auto text = call.request.query.find("cursor")) {
    const auto payload = call.cursors.open(scope, *text);
    if (!payload) return call.problem(payload.error());
    after = parse_cursor(*payload);
  }
  const auto page =
      feed::page(*call.views, call.school, call.caller.account, call.now_us, after, *limit);
  Page answer{.scope = scope, .items = [&](JsonWriter& json) {
                for (const auto& item : page.items) write_item(json, call, item);
              }};
  if (!page.items.empty()) answer.version = page.items.front().post.version;
  if (page.next) {
    answer.next =
        std::to_string(page.next->release_at_us) + " " + std::to_string(page.next->sequence);
  }
  return page_answer(call, answer);
}

SchoolItems posts_of_school(Call& call, const std::optional<PlaceInSchool>& after,
                            std::size_t limit) {
  std::optional<feed::FeedCursor> cursor;
  if (after) cursor = feed::FeedCursor{after->at_us, after->sequence};
  const auto page =
      feed::page(*call.views, call.school, call.caller.account, call.now_us, cursor, limit);
  SchoolItems found;
  found.has_more = page.next.has_value();
  for (const auto& item : page.items) {
    auto& made =
        found.items.emplace_back(PlaceInSchool{item.post.release_at_us, item.post.sequence}, "");
    JsonWriter json(made.json);
    write_item(json, call, item);
  }
  return found;
}

Response see_merged_feed(Call& call) { return merged_page(call, "merged feed", posts_of_school); }

Access everybody() {
  return members({{Role::guardian},
                  {Role::teacher},
                  {Role::office},
                  {Role::care},
                  {Role::director},
                  {Role::deputy}});
}
Access writers() {
  return members({{Role::teacher}, {Role::office}, {Role::director}, {Role::deputy}});
}

schema::Schema post_body() {
  return schema::named(
      "NewPost",
      schema::body({required("groups", schema::list(kGroupLimits, schema::id<events::GroupId>())),
                    required("title", schema::text(kTitleLimits, "Schoolreis")),
                    required("text", schema::text(kTextLimits, "We gaan naar het bos.")),
                    optional("release_at", schema::instant()), optional("last_day", schema::day()),
                    optional("must_confirm", schema::boolean()),
                    seldom("emergency_reason", schema::text(kReasonLimits, "Storm."))}));
}

schema::Schema edit_body() {
  return schema::named(
      "PostEdit", schema::body({optional("title", schema::text(kTitleLimits, "Schoolreis")),
                                optional("text", schema::text(kTextLimits, "Neem laarzen mee."))}));
}

schema::Schema published_shape() {
  return schema::named("PostPublished",
                       position_and({required("id", schema::id<events::PostId>()),
                                     required("release_at", schema::instant()),
                                     required("held_by_window", schema::boolean(false))}));
}

schema::Schema post_shape() {
  return schema::named(
      "Post",
      schema::object({
          required("id", schema::id<events::PostId>()),
          required("school", schema::id<events::SchoolId>()),
          required("title", schema::words(kTitleLimits.max, "Schoolreis")),
          required("text", schema::words(kTextLimits.max, "We gaan naar het bos.")),
          required("author", schema::id<events::AccountId>()),
          required("author_name", schema::words(kFullNameCharactersMax, "Tineke Voorbeeld")),
          required("release_at", schema::instant()),
          required("must_confirm", schema::boolean(false)),
          seldom("edited_at", schema::instant()),
          optional("last_day", schema::day()),
          required("groups", schema::list({.min = 0, .max = 100}, schema::id<events::GroupId>())),
          required("children", schema::list({.min = 0, .max = 100}, schema::id<events::ChildId>())),
      }));
}

}  // namespace

std::vector<Route> post_routes() {
  return {
      {Method::post, "/v1/schools/{school}/posts", "publish_post", "Post to groups", writers(),
       publish,
       makes(published_shape())
           .takes(post_body())
           .refuses({Rejection::not_own_class, Rejection::group_not_found, Rejection::group_closed,
                     Rejection::post_exists, Rejection::post_without_audience,
                     Rejection::post_text_missing, Rejection::post_release_in_past,
                     Rejection::emergency_needs_director, Rejection::school_year_not_set,
                     Rejection::post_ends_before_release})},
      {Method::get, "/v1/schools/{school}/posts/{post}", "see_post", "One post that I may read",
       everybody(), see_post, gives(post_shape()).versioned()},
      {Method::patch, "/v1/schools/{school}/posts/{post}", "edit_post",
       "Change the words of a post, with a trace", writers(), edit,
       gives(position_and_id<events::PostId>())
           .takes(edit_body())
           .versioned()
           .refuses({Rejection::post_not_found, Rejection::post_retracted, Rejection::not_own_post,
                     Rejection::nothing_to_change})},
      {Method::post, "/v1/schools/{school}/posts/{post}/retraction", "retract_post",
       "Take a post back, with a trace", writers(), retract,
       gives(position_and_id<events::PostId>())
           .takes(schema::named(
               "Retraction",
               schema::body({optional("reason", schema::text(kReasonLimits, "Verkeerde groep."))})))
           .versioned()
           .refuses(
               {Rejection::post_not_found, Rejection::post_retracted, Rejection::not_own_post})},
      {Method::get, "/v1/schools/{school}/feed", "see_feed",
       "The posts for me, newest first, over all my children and groups", everybody(), see_feed,
       gives(page_of(post_shape())).asks(page_query()).versioned()},
      {Method::get, "/v1/feed", "see_merged_feed",
       "The posts for me in all my schools, newest first; each says of which school", logged_in(),
       see_merged_feed, gives(merged_of(post_shape())).asks(page_query()).versioned()},
  };
}

}  // namespace klasboek::api
