#include "projections/feed.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "events/local_time.h"
#include "projections/feed_members.h"
#include "projections/feed_rows.h"

namespace klasboek::projections::feed {

namespace {

using events::RecordedEvent;
using members::Child;
using members::Staff;

/// Lets the entry of an account be changed; it goes when no reason is left.
template <class Change>
void change_entry(ViewRows& rows, events::AccountId account, const rows::PostOfGroup& post,
                  const Change& apply) {
  const auto key = rows::entry_key(account, post.place);
  const auto bytes = rows.get(key);
  auto entry = bytes ? rows::decode_entry(*bytes) : rows::Entry{post.id, {}};
  apply(entry.reasons);
  if (entry.reasons.any()) {
    rows.put(key, rows::encode(entry));
  } else if (bytes) {
    rows.erase(key);
  }
}

void add_child(Reasons& reasons, events::ChildId child) {
  const auto at = std::ranges::lower_bound(reasons.children, child);
  if (at == reasons.children.end() || *at != child) reasons.children.insert(at, child);
}

std::set<events::AccountId> readers_of(const Child& child) {
  std::set<events::AccountId> readers;
  for (const auto& guardian : child.guardians) {
    if (guardian.reads()) readers.insert(guardian.account);
  }
  return readers;
}

/// Posts to any of the groups that appear on that day or later, each once.
std::vector<rows::PostOfGroup> posts_since(ViewRows& rows, const std::set<events::GroupId>& groups,
                                           events::Day from) {
  const auto zone = members::time_zone(rows);
  std::map<events::PostId, rows::PostOfGroup> posts;
  for (const auto& group : groups) {
    rows.scan(rows::group_prefix(group), [&](std::string_view, std::string_view value) {
      auto post = rows::decode_post_of_group(value);
      if (events::local_time(zone, post.place.release_at_us).day < from) return false;
      posts.emplace(post.id, std::move(post));
      return true;
    });
  }
  std::vector<rows::PostOfGroup> list;
  list.reserve(posts.size());
  for (auto& [id, post] : posts) list.push_back(std::move(post));
  return list;
}

void add_groups(std::set<events::GroupId>& groups, const Child& child) {
  for (const auto& stay : child.stays) {
    for (const auto& placement : stay.placements) groups.insert(placement.group);
  }
}

/// The child was changed: entries of its guardians follow, for posts that appear on `from` or
/// later.
void follow_child(ViewRows& rows, events::ChildId id, const Child& before, const Child& after,
                  events::Day from) {
  members::put_child(rows, id, after);
  std::set<events::GroupId> groups;
  add_groups(groups, before);
  add_groups(groups, after);
  for (const auto& group : members::whole_school_groups(rows)) groups.insert(group);
  const auto readers_before = readers_of(before);
  const auto readers_after = readers_of(after);
  for (const auto& post : posts_since(rows, groups, from)) {
    const auto day = members::local_day(rows, post.place.release_at_us);
    const auto audience = members::groups_of_post(rows, post.groups);
    if (members::belongs(before, audience, day)) {
      for (const auto& account : readers_before) {
        change_entry(rows, account, post,
                     [&](Reasons& reasons) { std::erase(reasons.children, id); });
      }
    }
    if (members::belongs(after, audience, day)) {
      for (const auto& account : readers_after) {
        change_entry(rows, account, post, [&](Reasons& reasons) { add_child(reasons, id); });
      }
    }
  }
}

/// The work of an account was changed: its entries follow.
void follow_staff(ViewRows& rows, events::AccountId id, const Staff& before, const Staff& after,
                  events::Day from) {
  members::put_staff(rows, id, after);
  std::set<events::GroupId> groups;
  for (const auto& work : before.assignments) groups.insert(work.group);
  for (const auto& work : after.assignments) groups.insert(work.group);
  for (const auto& group : members::whole_school_groups(rows)) groups.insert(group);
  for (const auto& post : posts_since(rows, groups, from)) {
    const auto day = members::local_day(rows, post.place.release_at_us);
    const auto audience = members::groups_of_post(rows, post.groups);
    const bool belongs = members::belongs(after, audience, day);
    if (belongs == members::belongs(before, audience, day)) continue;
    change_entry(rows, id, post, [&](Reasons& reasons) { reasons.is_staff = belongs; });
  }
}

template <class Change>
void change_child(ViewRows& rows, const RecordedEvent& event, events::Day from,
                  const Change& apply) {
  const events::ChildId id{event.stream.subject};
  const auto before = members::child(rows, id);
  auto after = before;
  apply(after);
  follow_child(rows, id, before, after, from);
}

/// Guardians count for the whole time of a child at the school.
template <class Change>
void change_guardians(ViewRows& rows, const RecordedEvent& event, const Change& apply) {
  constexpr events::Day kEver{std::numeric_limits<std::int32_t>::min()};
  change_child(rows, event, kEver, apply);
}

template <class Change>
void change_staff(ViewRows& rows, events::AccountId id, events::Day from, const Change& apply) {
  const auto before = members::staff(rows, id);
  auto after = before;
  apply(after);
  follow_staff(rows, id, before, after, from);
}

template <class Change>
void change_post(ViewRows& rows, const RecordedEvent& event, const Change& apply) {
  const auto key = rows::post_key({event.stream.subject});
  const auto bytes = rows.get(key);
  if (!bytes) return;
  auto row = rows::decode_post(*bytes);
  apply(row);
  row.version = event.stream_version;
  rows.put(key, rows::encode(row));
}

/// What would begin later doesn't begin, and what goes on ends on that day.
template <class Terms, class Is>
void end_terms(Terms& terms, events::Day last_day, const Is& is) {
  std::erase_if(terms, [&](const auto& one) { return is(one) && one.term.first_day > last_day; });
  for (auto& one : terms) {
    if (is(one) && (!one.term.last_day || *one.term.last_day > last_day)) {
      one.term.last_day = last_day;
    }
  }
}

members::Term term_of(const auto& event) {
  if (event.open_ended) return {event.first_day, std::nullopt};
  return {event.first_day, event.last_day};
}

struct Fold {
  static constexpr std::string_view kName = feed::kName;
  static constexpr std::uint32_t kVersion = 2;

  static void on(const events::SchoolFounded& e, const RecordedEvent&, ViewRows& rows) {
    members::put_time_zone(rows, e.time_zone);
  }
  static void on(const events::GroupFounded& e, const RecordedEvent&, ViewRows& rows) {
    members::put_group_kind(rows, e.group, e.kind);
  }

  static void on(const events::StaffAssigned& e, const RecordedEvent& event, ViewRows& rows) {
    const events::GroupId group{event.stream.subject};
    members::put_assignment(rows, e.account, group);
    change_staff(rows, e.account, e.first_day,
                 [&](Staff& staff) { staff.assignments.push_back({group, term_of(e)}); });
  }
  static void on(const events::StaffAssignmentEnded& e, const RecordedEvent& event,
                 ViewRows& rows) {
    const events::GroupId group{event.stream.subject};
    change_staff(rows, e.account, e.last_day.plus(1), [&](Staff& staff) {
      end_terms(staff.assignments, e.last_day,
                [&](const auto& work) { return work.group == group; });
    });
  }
  static void on(const events::RoleGiven& e, const RecordedEvent& event, ViewRows& rows) {
    if (!members::is_staff_role(e.role)) return;
    change_staff(rows, {event.stream.subject}, e.first_day,
                 [&](Staff& staff) { staff.roles.push_back({e.role, term_of(e)}); });
  }
  static void on(const events::MandateGiven& e, const RecordedEvent& event, ViewRows& rows) {
    change_staff(rows, {event.stream.subject}, e.first_day,
                 [&](Staff& staff) { staff.roles.push_back({events::Role::deputy, term_of(e)}); });
  }
  static void on(const events::RoleEnded& e, const RecordedEvent& event, ViewRows& rows) {
    if (!members::is_staff_role(e.role)) return;
    change_staff(rows, {event.stream.subject}, e.last_day.plus(1), [&](Staff& staff) {
      end_terms(staff.roles, e.last_day, [&](const auto& role) { return role.role == e.role; });
    });
  }

  static void on(const events::ChildEnrolled& e, const RecordedEvent& event, ViewRows& rows) {
    change_child(rows, event, e.first_day,
                 [&](Child& child) { child.stays.push_back({{e.first_day, std::nullopt}, {}}); });
  }
  static void on(const events::ChildPlaced& e, const RecordedEvent& event, ViewRows& rows) {
    members::put_placement(rows, {event.stream.subject}, e.group);
    change_child(rows, event, e.first_day, [&](Child& child) {
      if (child.stays.empty()) return;
      auto& placements = child.stays.back().placements;
      std::erase_if(placements, [&](const auto& known) { return known.first_day == e.first_day; });
      const auto at =
          std::ranges::upper_bound(placements, e.first_day, {}, &directory::Placement::first_day);
      placements.insert(at, {e.group, e.first_day});
    });
  }
  static void on(const events::ChildLeft& e, const RecordedEvent& event, ViewRows& rows) {
    const events::ChildId id{event.stream.subject};
    const auto child = members::child(rows, id);
    auto from = e.last_day;
    if (!child.stays.empty())
      from = std::min(from, child.stays.back().term.last_day.value_or(from));
    change_child(rows, event, from, [&](Child& changed) {
      if (changed.stays.empty()) return;
      auto& stay = changed.stays.back();
      stay.term.last_day = e.last_day;
      std::erase_if(stay.placements,
                    [&](const auto& known) { return known.first_day > e.last_day; });
    });
  }
  static void on(const events::GuardianLinked& e, const RecordedEvent& event, ViewRows& rows) {
    change_guardians(rows, event, [&](Child& child) {
      std::erase_if(child.guardians,
                    [&](const auto& known) { return known.account == e.guardian; });
      child.guardians.push_back({e.guardian, e.relation, e.authority});
    });
  }
  static void on(const events::GuardianRelationChanged& e, const RecordedEvent& event,
                 ViewRows& rows) {
    change_guardians(rows, event, [&](Child& child) {
      if (auto* guardian = child.guardian(e.guardian)) guardian->relation = e.relation;
    });
  }
  static void on(const events::GuardianAuthorityRecorded& e, const RecordedEvent& event,
                 ViewRows& rows) {
    change_guardians(rows, event, [&](Child& child) {
      if (auto* guardian = child.guardian(e.guardian)) guardian->authority = e.authority;
    });
  }
  static void on(const events::GuardianUnlinked& e, const RecordedEvent& event, ViewRows& rows) {
    change_guardians(rows, event, [&](Child& child) {
      std::erase_if(child.guardians,
                    [&](const auto& known) { return known.account == e.guardian; });
    });
  }
  static void on(const events::ShieldRaised& e, const RecordedEvent& event, ViewRows& rows) {
    change_guardians(rows, event, [&](Child& child) {
      if (auto* guardian = child.guardian(e.against)) guardian->shielded = true;
    });
  }
  static void on(const events::ShieldLifted& e, const RecordedEvent& event, ViewRows& rows) {
    change_guardians(rows, event, [&](Child& child) {
      if (auto* guardian = child.guardian(e.against)) guardian->shielded = false;
    });
  }

  static void on(const events::PostPublished& e, const RecordedEvent& event, ViewRows& rows) {
    PostRow row;
    row.id = e.post;
    row.author = event.actor.account;
    row.groups = e.groups;
    row.title = sealed_text(e.title, event);
    row.text = sealed_text(e.text, event);
    row.published_at_us = event.recorded_at_us;
    row.release_at_us = e.release_at_us;
    if (!e.open_ended) row.last_day = e.last_day;
    row.must_confirm = e.must_confirm;
    row.held_by_window = e.held_by_window;
    row.emergency_reason = sealed_text(e.emergency_reason, event);
    row.sequence = event.sequence;
    row.version = event.stream_version;
    rows.put(rows::post_key(row.id), rows::encode(row));

    const rows::PostOfGroup post{row.id, row.author, {row.release_at_us, row.sequence}, row.groups};
    for (const auto& group : row.groups) {
      rows.put(rows::group_key(group, post.place), rows::encode(post));
    }
    const auto day = members::local_day(rows, row.release_at_us);
    for (const auto& [account, reasons] : members::audience(rows, row.author, row.groups, day)) {
      rows.put(rows::entry_key(account, post.place), rows::encode(rows::Entry{row.id, reasons}));
    }
  }
  static void on(const events::PostEdited& e, const RecordedEvent& event, ViewRows& rows) {
    change_post(rows, event, [&](PostRow& row) {
      if (auto title = sealed_text(e.title, event)) row.title = std::move(title);
      if (auto text = sealed_text(e.text, event)) row.text = std::move(text);
      ++row.edits;
      row.edited_at_us = event.recorded_at_us;
    });
  }
  static void on(const events::PostRetracted& e, const RecordedEvent& event, ViewRows& rows) {
    change_post(rows, event, [&](PostRow& row) {
      row.retracted = true;
      row.retracted_at_us = event.recorded_at_us;
      row.retraction_reason = sealed_text(e.reason, event);
    });
  }
};

}  // namespace

bool PostRow::is_shown(std::int64_t now_us, events::Day today) const {
  return !retracted && release_at_us <= now_us && (!last_day || today <= *last_day);
}

std::optional<PostRow> post(const ViewSnapshot& views, events::SchoolId school, events::PostId id) {
  const auto bytes = views.get(kName, school, rows::post_key(id));
  if (!bytes) return std::nullopt;
  return rows::decode_post(*bytes);
}

FeedPage page(const ViewSnapshot& views, events::SchoolId school, events::AccountId account,
              std::int64_t now_us, const std::optional<FeedCursor>& after, std::size_t limit) {
  SnapshotRows source(views, kName, school);
  const auto today = members::local_day(source, now_us);
  const auto prefix = rows::entry_prefix(account);
  // The first key of this moment; or the one just behind the last item. A cursor can't reach ahead
  // of the moment that is asked about.
  auto from = rows::entry_key(account, {now_us, std::numeric_limits<std::uint64_t>::max()});
  if (after) {
    from = std::max(from, rows::entry_key(account, {after->release_at_us, after->sequence}) + '\0');
  }
  FeedPage page;
  views.scan(kName, school, prefix, from, [&](std::string_view, std::string_view value) {
    auto entry = rows::decode_entry(value);
    auto row = post(views, school, entry.post);
    if (!row || !row->is_shown(now_us, today)) return true;
    if (page.items.size() == limit) {
      const auto& last = page.items.back().post;
      page.next = FeedCursor{last.release_at_us, last.sequence};
      return false;
    }
    page.items.push_back({*std::move(row), std::move(entry.reasons)});
    return true;
  });
  return page;
}

std::optional<FeedItem> item(const ViewSnapshot& views, events::SchoolId school,
                             events::AccountId account, events::PostId id) {
  auto row = post(views, school, id);
  if (!row) return std::nullopt;
  const auto bytes =
      views.get(kName, school, rows::entry_key(account, {row->release_at_us, row->sequence}));
  if (!bytes) return std::nullopt;
  return FeedItem{*std::move(row), rows::decode_entry(*bytes).reasons};
}

std::vector<Receiver> audience(const ViewSnapshot& views, events::SchoolId school,
                               events::AccountId author, const std::vector<events::GroupId>& groups,
                               std::int64_t release_at_us) {
  SnapshotRows source(views, kName, school);
  const auto day = members::local_day(source, release_at_us);
  std::vector<Receiver> receivers;
  for (auto& [account, reasons] : members::audience(source, author, groups, day)) {
    receivers.push_back({account, std::move(reasons)});
  }
  return receivers;
}

std::unique_ptr<View> make_view() { return std::make_unique<ViewOf<Fold>>(); }

}  // namespace klasboek::projections::feed
