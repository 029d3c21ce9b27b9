#pragma once
// Pages of lists, and lists that are whole.
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "api/call.h"

namespace klasboek::api {

/// What a page is made of. REQUIRES: what its functions refer to outlives the call of
/// page_answer().
struct Page {
  /// The list's, and whose it is: a cursor opens no list of another scope. Unused on a last page.
  std::string_view scope;
  /// What the cursor of the next page holds; nullopt: there is none.
  std::optional<std::string> next = {};
  /// Of the ETag (R20); 0 where nothing is compared with it.
  std::uint64_t version = 0;
  /// Appends the items.
  std::function<void(JsonWriter&)> items;
  /// Appends members of the page beside its items; empty: it has no others.
  std::function<void(JsonWriter&)> others = {};
};

/// `{"items":[…],"next":…}` with an ETag, and with Link where there is a next page.
Response page_answer(const Call& call, const Page& page);

/// The sequence after which the page begins; nullopt for the first page, 400 for a cursor that
/// isn't of this list.
std::expected<std::optional<std::uint64_t>, Problem> sequence_cursor(const Call& call,
                                                                     std::string_view scope);

/// A page of a list that is cut by sequence: the cursor holds the last one given. `write` appends
/// the items.
Response sequence_page(const Call& call, std::string_view scope, std::optional<std::uint64_t> next,
                       const std::function<void(JsonWriter&)>& write);

/// A list that is whole.
Response whole_list(const Call& call, std::uint64_t version,
                    const std::function<void(JsonWriter&)>& write);

}  // namespace klasboek::api
