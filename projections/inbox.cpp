#include "projections/inbox.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "events/local_time.h"
#include "projections/feed.h"
#include "projections/inbox_rows.h"

namespace klasboek::projections::inbox {

namespace {

using events::RecordedEvent;
using rows::Guardian;

constexpr std::uint64_t kNewest = std::numeric_limits<std::uint64_t>::max();

std::vector<Guardian> guardians_of(RowSource& view, events::ChildId child) {
  const auto bytes = view.get(rows::guardians_key(child));
  return bytes ? rows::decode_guardians(*bytes) : std::vector<Guardian>{};
}

std::set<events::AccountId> with_authority(const std::vector<Guardian>& guardians) {
  std::set<events::AccountId> accounts;
  for (const auto& guardian : guardians) {
    const bool is_told = guardian.authority == events::Authority::with && !guardian.shielded;
    if (is_told) accounts.insert(guardian.account);
  }
  return accounts;
}

/// Directors and deputies of that moment's day.
std::set<events::AccountId> heads_at(RowSource& view, std::int64_t at_us) {
  const auto zone = view.get(rows::zone_key()).value_or(std::string());
  const auto day = events::local_time(zone, at_us).day;
  std::set<events::AccountId> accounts;
  view.scan(rows::heads_prefix(), [&](std::string_view key, std::string_view value) {
    const auto roles = rows::decode_roles(value);
    if (std::ranges::any_of(roles, [&](const auto& role) { return role.term.holds_on(day); })) {
      accounts.insert(rows::head_of(key));
    }
    return true;
  });
  return accounts;
}

Notification notification(NotificationKind kind, const RecordedEvent& event) {
  Notification row;
  row.kind = kind;
  row.at_us = event.recorded_at_us;
  row.sequence = event.sequence;
  row.cause = event.event;
  return row;
}

Notification about_child(NotificationKind kind, const RecordedEvent& event) {
  auto row = notification(kind, event);
  row.children.push_back({event.stream.subject});
  return row;
}

void tell(ViewRows& view, const std::set<events::AccountId>& accounts, const Notification& row) {
  for (const auto& account : accounts) {
    view.put(rows::notification_key(account, row.at_us, row.sequence), rows::encode(row));
  }
}

/// Who said it, who wrote it down for him, and he for whom it was written down, know it already.
void leave_out_actor(std::set<events::AccountId>& accounts, const events::Actor& actor) {
  accounts.erase(actor.account);
  accounts.erase(actor.on_behalf_of);
}

template <class Event>
void tell_heads_of_leave(const Event& e, const RecordedEvent& event, ViewRows& view) {
  auto heads = heads_at(view, event.recorded_at_us);
  leave_out_actor(heads, event.actor);
  // Nobody decides about his own child, so it isn't his to be told as head.
  for (const auto& guardian : guardians_of(view, {event.stream.subject})) {
    heads.erase(guardian.account);
  }
  auto row = about_child(NotificationKind::leave_requested, event);
  row.leave = e.leave;
  tell(view, heads, row);
}

template <class Event>
void tell_guardians_of_decision(const Event& e, const RecordedEvent& event, ViewRows& view) {
  auto guardians = with_authority(guardians_of(view, {event.stream.subject}));
  leave_out_actor(guardians, event.actor);
  auto row = about_child(NotificationKind::leave_decided, event);
  row.leave = e.leave;
  tell(view, guardians, row);
}

template <class Event>
void tell_guardians_of_absence(const Event& e, const RecordedEvent& event, ViewRows& view) {
  auto guardians = with_authority(guardians_of(view, {event.stream.subject}));
  leave_out_actor(guardians, event.actor);
  guardians.erase(e.reported_by);
  auto row = about_child(NotificationKind::absence_reported, event);
  row.absence = e.absence;
  tell(view, guardians, row);
}

/// What guardians with authority are told, and only they.
bool is_for_authority(NotificationKind kind) {
  return kind == NotificationKind::leave_decided || kind == NotificationKind::absence_reported;
}

void forget(ViewRows& view, events::AccountId account, events::ChildId child) {
  std::vector<std::string> keys;
  view.scan(rows::account_prefix(account), [&](std::string_view key, std::string_view value) {
    const auto row = rows::decode_notification(value);
    if (is_for_authority(row.kind) &&
        std::ranges::find(row.children, child) != row.children.end()) {
      keys.emplace_back(key);
    }
    return true;
  });
  for (const auto& key : keys) view.erase(key);
}

template <class Change>
void change_guardians(ViewRows& view, const RecordedEvent& event, const Change& apply) {
  const events::ChildId child{event.stream.subject};
  auto guardians = guardians_of(view, child);
  const auto before = with_authority(guardians);
  apply(guardians);
  view.put(rows::guardians_key(child), rows::encode(guardians));
  const auto after = with_authority(guardians);
  for (const auto& account : before) {
    if (!after.contains(account)) forget(view, account, child);
  }
}

void shield(ViewRows& view, const RecordedEvent& event, events::AccountId against, bool is_up) {
  change_guardians(view, event, [&](auto& guardians) {
    for (auto& known : guardians) {
      if (known.account == against) known.shielded = is_up;
    }
  });
}

bool is_head(events::Role role) {
  return role == events::Role::director || role == events::Role::deputy;
}

template <class Change>
void change_head(ViewRows& view, const RecordedEvent& event, const Change& apply) {
  const auto key = rows::head_key({event.stream.subject});
  const auto bytes = view.get(key);
  auto roles = bytes ? rows::decode_roles(*bytes) : std::vector<directory::RoleTerm>{};
  apply(roles);
  view.put(key, rows::encode(roles));
}

directory::Term term_of(const auto& given) {
  return {given.first_day, given.open_ended ? std::nullopt : std::optional(given.last_day)};
}

struct Fold {
  static constexpr std::string_view kName = inbox::kName;
  static constexpr std::uint32_t kVersion = 2;

  static void on(const events::SchoolFounded& e, const RecordedEvent&, ViewRows& view) {
    view.put(rows::zone_key(), e.time_zone);
  }
  static void on(const events::RoleGiven& e, const RecordedEvent& event, ViewRows& view) {
    if (!is_head(e.role)) return;
    change_head(view, event, [&](auto& roles) { roles.push_back({e.role, term_of(e)}); });
  }
  /// Heads are told of leave: not one who may do nothing about it.
  static void on(const events::MandateGiven& e, const RecordedEvent& event, ViewRows& view) {
    if (std::ranges::find(e.powers, events::MandatePower::leave) == e.powers.end()) return;
    change_head(view, event,
                [&](auto& roles) { roles.push_back({events::Role::deputy, term_of(e)}); });
  }
  static void on(const events::RoleEnded& e, const RecordedEvent& event, ViewRows& view) {
    if (!is_head(e.role)) return;
    change_head(view, event, [&](auto& roles) {
      std::erase_if(roles, [&](const auto& given) {
        return given.role == e.role && given.term.first_day > e.last_day;
      });
      for (auto& given : roles) {
        const bool goes_on = !given.term.last_day || *given.term.last_day > e.last_day;
        if (given.role == e.role && goes_on) given.term.last_day = e.last_day;
      }
    });
  }
  static void on(const events::GuardianLinked& e, const RecordedEvent& event, ViewRows& view) {
    change_guardians(view, event, [&](auto& guardians) {
      std::erase_if(guardians, [&](const Guardian& known) { return known.account == e.guardian; });
      guardians.push_back({e.guardian, e.authority});
    });
  }
  static void on(const events::GuardianAuthorityRecorded& e, const RecordedEvent& event,
                 ViewRows& view) {
    change_guardians(view, event, [&](auto& guardians) {
      for (auto& known : guardians) {
        if (known.account == e.guardian) known.authority = e.authority;
      }
    });
  }
  static void on(const events::GuardianUnlinked& e, const RecordedEvent& event, ViewRows& view) {
    change_guardians(view, event, [&](auto& guardians) {
      std::erase_if(guardians, [&](const Guardian& known) { return known.account == e.guardian; });
    });
  }
  static void on(const events::ShieldRaised& e, const RecordedEvent& event, ViewRows& view) {
    shield(view, event, e.against, true);
  }
  static void on(const events::ShieldLifted& e, const RecordedEvent& event, ViewRows& view) {
    shield(view, event, e.against, false);
  }

  static void on(const events::AccountInvited& e, const RecordedEvent& event, ViewRows& view) {
    auto row = notification(NotificationKind::invitation, event);
    row.invitation = e.invitation;
    tell(view, {events::AccountId{event.stream.subject}}, row);
  }
  static void on(const events::AbsenceReported& e, const RecordedEvent& event, ViewRows& view) {
    tell_guardians_of_absence(e, event, view);
  }
  static void on(const events::AbsenceReportAdded& e, const RecordedEvent& event, ViewRows& view) {
    tell_guardians_of_absence(e, event, view);
  }
  static void on(const events::LeaveRequested& e, const RecordedEvent& event, ViewRows& view) {
    tell_heads_of_leave(e, event, view);
  }
  static void on(const events::BeliefLeaveNoticed& e, const RecordedEvent& event, ViewRows& view) {
    tell_heads_of_leave(e, event, view);
  }
  static void on(const events::LeaveGranted& e, const RecordedEvent& event, ViewRows& view) {
    tell_guardians_of_decision(e, event, view);
  }
  static void on(const events::LeavePartlyGranted& e, const RecordedEvent& event, ViewRows& view) {
    tell_guardians_of_decision(e, event, view);
  }
  static void on(const events::LeaveRefused& e, const RecordedEvent& event, ViewRows& view) {
    tell_guardians_of_decision(e, event, view);
  }
  static void on(const events::LeaveForwarded& e, const RecordedEvent& event, ViewRows& view) {
    tell_guardians_of_decision(e, event, view);
  }
  static void on(const events::BeliefLeaveAccepted& e, const RecordedEvent& event, ViewRows& view) {
    tell_guardians_of_decision(e, event, view);
  }
  static void on(const events::BeliefLeaveContested& e, const RecordedEvent& event,
                 ViewRows& view) {
    tell_guardians_of_decision(e, event, view);
  }
};

Notification of_post(feed::FeedItem item) {
  Notification row;
  row.kind = NotificationKind::post;
  row.at_us = item.post.release_at_us;
  row.sequence = item.post.sequence;
  row.children = std::move(item.reasons.children);
  row.post = item.post.id;
  return row;
}

/// Shown posts of the feed, at most `limit` that others wrote.
std::vector<Notification> told_of_posts(const ViewSnapshot& views, events::SchoolId school,
                                        events::AccountId account, std::int64_t now_us,
                                        const std::optional<InboxCursor>& after,
                                        std::size_t limit) {
  std::optional<feed::FeedCursor> place;
  if (after) place = feed::FeedCursor{after->at_us, after->sequence};
  std::vector<Notification> told;
  while (told.size() < limit) {
    auto page = feed::page(views, school, account, now_us, place, limit);
    for (auto& item : page.items) {
      if (!item.reasons.is_author) told.push_back(of_post(std::move(item)));
    }
    if (!page.next) break;
    place = page.next;
  }
  return told;
}

std::vector<Notification> told_of_others(const ViewSnapshot& views, events::SchoolId school,
                                         events::AccountId account, std::int64_t now_us,
                                         const std::optional<InboxCursor>& after,
                                         std::size_t limit) {
  auto from = rows::notification_key(account, now_us, kNewest);
  if (after) {
    from = std::max(from, rows::notification_key(account, after->at_us, after->sequence) + '\0');
  }
  std::vector<Notification> told;
  views.scan(kName, school, rows::account_prefix(account), from,
             [&](std::string_view, std::string_view value) {
               told.push_back(rows::decode_notification(value));
               return told.size() < limit;
             });
  return told;
}

}  // namespace

std::string_view name_of(NotificationKind kind) {
  switch (kind) {
    case NotificationKind::post:
      return "post";
    case NotificationKind::leave_decided:
      return "leave_decided";
    case NotificationKind::leave_requested:
      return "leave_requested";
    case NotificationKind::absence_reported:
      return "absence_reported";
    case NotificationKind::invitation:
      return "invitation";
  }
  std::unreachable();
}

InboxPage page(const ViewSnapshot& views, events::SchoolId school, events::AccountId account,
               std::int64_t now_us, const std::optional<InboxCursor>& after, std::size_t limit) {
  InboxPage page;
  page.notifications = told_of_others(views, school, account, now_us, after, limit + 1);
  for (auto& post : told_of_posts(views, school, account, now_us, after, limit + 1)) {
    page.notifications.push_back(std::move(post));
  }
  std::ranges::sort(page.notifications, std::ranges::greater{},
                    [](const Notification& row) { return std::pair(row.at_us, row.sequence); });
  if (page.notifications.size() <= limit) return page;
  page.notifications.resize(limit);
  page.next = InboxCursor{page.notifications.back().at_us, page.notifications.back().sequence};
  return page;
}

std::unique_ptr<View> make_view() { return std::make_unique<ViewOf<Fold>>(); }

}  // namespace klasboek::projections::inbox
