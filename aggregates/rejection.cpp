#include "aggregates/rejection.h"

#include <algorithm>
#include <array>
#include <utility>

#include "aggregates/rejection_care.h"
#include "aggregates/rejection_people.h"

namespace klasboek::aggregates {

namespace {

constexpr auto kRows = [] {
  std::array<RejectionRow, kPeopleRejections.size() + kCareRejections.size()> rows{};
  std::ranges::copy(kCareRejections, std::ranges::copy(kPeopleRejections, rows.begin()).out);
  return rows;
}();

/// Every enumerator has its row, at its own number.
constexpr bool complete() {
  if (kRows.size() != std::to_underlying(Rejection::count_)) return false;
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (std::to_underlying(kRows[i].rejection) != i) return false;
  }
  return true;
}
static_assert(complete(), "each Rejection needs its row, in the order of the enumerators");

}  // namespace

const RejectionRow& row_of(Rejection rejection) { return kRows.at(std::to_underlying(rejection)); }

std::optional<Rejection> rejection_by_name(std::string_view name) {
  const auto* const row = std::ranges::find(kRows, name, &RejectionRow::name);
  if (row == kRows.end()) return std::nullopt;
  return row->rejection;
}

}  // namespace klasboek::aggregates
