#pragma once
// The feed: which posts each account has, and for which of its children. Who has a post follows
// from membership on the day it appears, as the school knows it now: guardians of the children who
// were in the group that day (a whole-school group holds everybody enrolled), staff who worked with
// it, and the author. So a moved child brings the new class's posts from the move on and keeps the
// old class's of its time; what hasn't appeared yet follows the move; a guardian who is no longer
// linked loses what came by that child alone. Contacts (who may fetch a child, who can be called)
// have no feed by it, unless they have authority.
//
// Keys, within the school (~ is ones' complement, so that the newest comes first):
//   f account ~release_at ~sequence   the entry: post, author or staff, children
//   p post                            PostRow
//   q group ~release_at ~sequence     post, as it was published to the group
//   m…                                membership (feed_members.h)
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

namespace klasboek::projections::feed {

inline constexpr std::string_view kName = "feed";

struct PostRow {
  events::PostId id;
  events::AccountId author;
  std::vector<events::GroupId> groups;
  std::optional<SealedText> title;
  std::optional<SealedText> text;
  std::int64_t published_at_us = 0;
  /// When readers may see it.
  std::int64_t release_at_us = 0;
  /// When it leaves the feed, that day included; nullopt: never by itself.
  std::optional<events::Day> last_day;
  bool must_confirm = false;
  /// Waits for the posting window rather than for the author's own choice.
  bool held_by_window = false;
  std::optional<SealedText> emergency_reason;
  std::uint32_t edits = 0;
  /// Of the last edit; 0 where there was none.
  std::int64_t edited_at_us = 0;
  bool retracted = false;
  std::int64_t retracted_at_us = 0;
  std::optional<SealedText> retraction_reason;
  /// Of PostPublished.
  std::uint64_t sequence = 0;
  /// Of the post's stream.
  std::uint64_t version = 0;

  /// Released at that moment, on a day up to the last, not retracted.
  [[nodiscard]] bool is_shown(std::int64_t now_us, events::Day today) const;
};

/// Why an account has a post.
struct Reasons {
  bool is_author = false;
  bool is_staff = false;
  /// In the order of their ids.
  std::vector<events::ChildId> children;
  [[nodiscard]] bool any() const { return is_author || is_staff || !children.empty(); }
  bool operator==(const Reasons&) const = default;
};

struct FeedItem {
  PostRow post;
  Reasons reasons;
};

/// Where a page ended: its last item. The next page begins after it.
struct FeedCursor {
  std::int64_t release_at_us = 0;
  std::uint64_t sequence = 0;
};

struct FeedPage {
  std::vector<FeedItem> items;
  /// nullopt: that was all.
  std::optional<FeedCursor> next;
};

/// What the account sees at this moment, newest release first, at most `limit` items after the
/// cursor. REQUIRES: limit > 0.
FeedPage page(const ViewSnapshot& views, events::SchoolId school, events::AccountId account,
              std::int64_t now_us, const std::optional<FeedCursor>& after, std::size_t limit);

/// One post as the account has it, whether it is shown by now or not; nullopt where the account
/// isn't of its audience.
std::optional<FeedItem> item(const ViewSnapshot& views, events::SchoolId school,
                             events::AccountId account, events::PostId post);
std::optional<PostRow> post(const ViewSnapshot& views, events::SchoolId school, events::PostId id);

struct Receiver {
  events::AccountId account;
  Reasons reasons;
};

/// Who would have a post of this author to these groups that appears at this moment, in the order
/// of their ids. A post that is there has the same audience by its own groups and release.
std::vector<Receiver> audience(const ViewSnapshot& views, events::SchoolId school,
                               events::AccountId author, const std::vector<events::GroupId>& groups,
                               std::int64_t release_at_us);

std::unique_ptr<View> make_view();

}  // namespace klasboek::projections::feed
