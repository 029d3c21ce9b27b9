#include "projections/feed_rows.h"

#include "events/log/rocks.h"

namespace klasboek::projections::feed::rows {

namespace {

using log::rocks::Key;

std::string place_key(char table, const events::Uuid& list, const Place& place) {
  return table + Key{}
                     .uuid(list)
                     .inverted_u64(static_cast<std::uint64_t>(place.release_at_us))
                     .inverted_u64(place.sequence)
                     .str();
}

std::vector<events::GroupId> read_groups(RowReader& in) {
  return in.list<events::GroupId>([](RowReader& i) { return i.id<events::GroupId>(); });
}

}  // namespace

std::string post_key(events::PostId id) { return 'p' + Key{}.uuid(id.value).str(); }
std::string entry_prefix(events::AccountId account) {
  return 'f' + Key{}.uuid(account.value).str();
}
std::string entry_key(events::AccountId account, const Place& place) {
  return place_key('f', account.value, place);
}
std::string group_prefix(events::GroupId group) { return 'q' + Key{}.uuid(group.value).str(); }
std::string group_key(events::GroupId group, const Place& place) {
  return place_key('q', group.value, place);
}

std::string encode(const PostRow& row) {
  return RowWriter{}
      .id(row.id)
      .id(row.author)
      .list(row.groups, [](auto& o, const auto& group) { o.id(group); })
      .sealed(row.title)
      .sealed(row.text)
      .i64(row.published_at_us)
      .i64(row.release_at_us)
      .optional_day(row.last_day)
      .boolean(row.must_confirm)
      .boolean(row.held_by_window)
      .sealed(row.emergency_reason)
      .u32(row.edits)
      .i64(row.edited_at_us)
      .boolean(row.retracted)
      .i64(row.retracted_at_us)
      .sealed(row.retraction_reason)
      .u64(row.sequence)
      .u64(row.version)
      .take();
}

PostRow decode_post(std::string_view bytes) {
  RowReader in(bytes);
  PostRow row;
  row.id = in.id<events::PostId>();
  row.author = in.id<events::AccountId>();
  row.groups = read_groups(in);
  row.title = in.sealed();
  row.text = in.sealed();
  row.published_at_us = in.i64();
  row.release_at_us = in.i64();
  row.last_day = in.optional_day();
  row.must_confirm = in.boolean();
  row.held_by_window = in.boolean();
  row.emergency_reason = in.sealed();
  row.edits = in.u32();
  row.edited_at_us = in.i64();
  row.retracted = in.boolean();
  row.retracted_at_us = in.i64();
  row.retraction_reason = in.sealed();
  row.sequence = in.u64();
  row.version = in.u64();
  return row;
}

std::string encode(const Entry& entry) {
  return RowWriter{}
      .id(entry.post)
      .boolean(entry.reasons.is_author)
      .boolean(entry.reasons.is_staff)
      .list(entry.reasons.children, [](auto& o, const auto& child) { o.id(child); })
      .take();
}

Entry decode_entry(std::string_view bytes) {
  RowReader in(bytes);
  Entry entry;
  entry.post = in.id<events::PostId>();
  entry.reasons.is_author = in.boolean();
  entry.reasons.is_staff = in.boolean();
  entry.reasons.children =
      in.list<events::ChildId>([](RowReader& i) { return i.id<events::ChildId>(); });
  return entry;
}

std::string encode(const PostOfGroup& post) {
  return RowWriter{}
      .id(post.id)
      .id(post.author)
      .i64(post.place.release_at_us)
      .u64(post.place.sequence)
      .list(post.groups, [](auto& o, const auto& group) { o.id(group); })
      .take();
}

PostOfGroup decode_post_of_group(std::string_view bytes) {
  RowReader in(bytes);
  PostOfGroup post;
  post.id = in.id<events::PostId>();
  post.author = in.id<events::AccountId>();
  post.place.release_at_us = in.i64();
  post.place.sequence = in.u64();
  post.groups = read_groups(in);
  return post;
}

}  // namespace klasboek::projections::feed::rows
