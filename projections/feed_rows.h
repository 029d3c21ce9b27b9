#pragma once
// The keys and bytes of the feed's rows. Only the feed includes this.
#include <string>
#include <string_view>

#include "projections/feed.h"

namespace klasboek::projections::feed::rows {

/// Where a post stands in every list: newest release first.
struct Place {
  std::int64_t release_at_us = 0;
  std::uint64_t sequence = 0;
};

std::string post_key(events::PostId id);
std::string entry_prefix(events::AccountId account);
std::string entry_key(events::AccountId account, const Place& place);
std::string group_prefix(events::GroupId group);
std::string group_key(events::GroupId group, const Place& place);

std::string encode(const PostRow& row);
PostRow decode_post(std::string_view bytes);

struct Entry {
  events::PostId post;
  Reasons reasons;
};
std::string encode(const Entry& entry);
Entry decode_entry(std::string_view bytes);

/// What is needed of a post to say who has it.
struct PostOfGroup {
  events::PostId id;
  events::AccountId author;
  Place place;
  std::vector<events::GroupId> groups;
};
std::string encode(const PostOfGroup& post);
PostOfGroup decode_post_of_group(std::string_view bytes);

}  // namespace klasboek::projections::feed::rows
