#pragma once
// One list out of all the schools that a person is a member of, newest first, page by page.
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/call.h"
#include "api/shape.h"

namespace klasboek::api {

/// Where an item stands in the merged list: newest first, at one moment by school, in a school the
/// newest event first.
struct MergedPlace {
  std::int64_t at_us = 0;
  events::SchoolId school;
  std::uint64_t sequence = 0;
  bool operator==(const MergedPlace&) const = default;
  /// Comes before the other in the list.
  [[nodiscard]] bool precedes(const MergedPlace& other) const;
};

/// Where the list of one school goes on after a place of the merged one: after this moment and
/// sequence.
struct PlaceInSchool {
  std::int64_t at_us = 0;
  std::uint64_t sequence = 0;
  bool operator==(const PlaceInSchool&) const = default;
};
PlaceInSchool place_in(events::SchoolId school, const MergedPlace& after);

/// One school's items for a page, each as the JSON that the page will hold.
struct SchoolItems {
  struct Item {
    PlaceInSchool place;
    std::string json;
  };
  std::vector<Item> items;
  bool has_more = false;
};

/// `gather` is called once for each school in which the caller is now, with the call entered there;
/// it gives at most `limit` items after the place. A school whose log or views can't be read just
/// now is named in the answer's `unreachable`, and one that asks for a one-time code in its
/// `code_required`: none is silently missing.
Response merged_page(Call& call, std::string_view scope,
                     const std::function<SchoolItems(Call&, const std::optional<PlaceInSchool>&,
                                                     std::size_t limit)>& gather);

/// A page of items, each with its school, and the schools that are missing.
schema::Schema merged_of(const schema::Schema& item);

}  // namespace klasboek::api
