#pragma once
// The inbox: what each account is told of. It holds ids, never text; the page fetches what they
// stand for with the rights of the reader. Posts are told of by the feed, so the two never differ:
// a held post comes at its release, a retracted one goes.
//   leave decided (or forwarded)   guardians with authority, but for who decided
//   leave requested or noticed     directors and deputies of that day, but for the child's own
//   absence reported or added to   guardians with authority, but for who reported and recorded it
//   invitation                     the account invited
// Who is no longer a guardian with authority isn't told any more, and loses what he was told of the
// child as such.
//
// Keys, within the school (~ is ones' complement, so that the newest comes first):
//   n account ~recorded_at ~sequence   the notification
//   c child                            its guardians and their authority
//   d account                          when it is or was director or deputy
//   z                                  time zone of the school
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "events/event.h"
#include "projections/row.h"
#include "projections/view.h"
#include "projections/view_store.h"

namespace klasboek::projections::inbox {

inline constexpr std::string_view kName = "inbox";

/// The numbers stand in rows.
enum class NotificationKind : std::uint8_t {
  post = 0,
  leave_decided = 1,
  leave_requested = 2,
  absence_reported = 3,
  invitation = 4,
};
/// The kind's public name, as `leave_decided`.
std::string_view name_of(NotificationKind kind);

struct Notification {
  NotificationKind kind = NotificationKind::post;
  /// When it can be known: the release of a post, else when it was recorded.
  std::int64_t at_us = 0;
  /// Of the event that it tells of; with at_us it says where a page ended.
  std::uint64_t sequence = 0;
  /// That event; zero of a post (its id says which).
  events::EventId cause;
  /// Whom it is about; of a post: for whom. Empty where nobody.
  std::vector<events::ChildId> children;
  /// Zero but for the one that the kind names.
  events::PostId post;
  events::LeaveId leave;
  events::AbsenceId absence;
  events::InvitationId invitation;
};

/// Where a page ended: its last notification.
struct InboxCursor {
  std::int64_t at_us = 0;
  std::uint64_t sequence = 0;
};

struct InboxPage {
  std::vector<Notification> notifications;
  /// nullopt: that was all.
  std::optional<InboxCursor> next;
};

/// What the account is told by this moment, newest first, at most `limit` after the cursor; its own
/// posts aren't news. REQUIRES: limit > 0.
InboxPage page(const ViewSnapshot& views, events::SchoolId school, events::AccountId account,
               std::int64_t now_us, const std::optional<InboxCursor>& after, std::size_t limit);

std::unique_ptr<View> make_view();

}  // namespace klasboek::projections::inbox
