#include <algorithm>
#include <array>
#include <utility>

#include "api/roster_problem.h"
#include "api/roster_problem_file_kinds.h"
#include "api/roster_problem_plan_kinds.h"
#include "api/roster_problem_record_kinds.h"

namespace klasboek::api::roster {
namespace {

// Names are public and never change once released.
constexpr auto kKinds = [] {
  std::array<ProblemKind, kFileKinds.size() + kRecordKinds.size() + kPlanKinds.size()> kinds{};
  auto end = std::ranges::copy(kFileKinds, kinds.begin()).out;
  end = std::ranges::copy(kRecordKinds, end).out;
  std::ranges::copy(kPlanKinds, end);
  return kinds;
}();

consteval bool rows_follow_the_enum() {
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    if (std::to_underlying(kKinds[i].code) != i) return false;
  }
  return kKinds.back().code == ProblemCode::combined_group_not_planned;
}
static_assert(rows_follow_the_enum());

}  // namespace

std::span<const ProblemKind> problem_kinds() { return kKinds; }

const ProblemKind& kind_of(ProblemCode code) { return kKinds.at(std::to_underlying(code)); }

}  // namespace klasboek::api::roster
