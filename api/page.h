#pragma once
// Pages of lists that are cut by sequence: the cursor holds the last one given.
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string_view>

#include "api/call.h"

namespace klasboek::api {

/// The sequence after which the page begins; nullopt for the first page, 400 for a cursor that
/// isn't of this list.
std::expected<std::optional<std::uint64_t>, Problem> sequence_cursor(const Call& call,
                                                                     std::string_view scope);

/// `{"items":[…],"next":…}` with Link; `write` appends the items.
Response sequence_page(const Call& call, std::string_view scope, std::optional<std::uint64_t> next,
                       const std::function<void(JsonWriter&)>& write);

/// The same for a list that is whole.
Response whole_list(const Call& call, std::uint64_t version,
                    const std::function<void(JsonWriter&)>& write);

}  // namespace klasboek::api
