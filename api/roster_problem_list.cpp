#include "api/roster_problem_list.h"

#include <algorithm>
#include <tuple>

namespace klasboek::api::roster {

void ProblemList::add(Problem problem) {
  if (++of_kind_[problem.code] > kProblemsOfOneKindMax) return;
  problems_.push_back(std::move(problem));
}

void ProblemList::add_once(ProblemCode code, std::string place, Where where) {
  auto key = std::pair{code, std::move(place)};
  if (const auto found = once_.find(key); found != once_.end()) {
    ++problems_[found->second].count;
    return;
  }
  if (++of_kind_[code] > kProblemsOfOneKindMax) return;
  problems_.push_back({.code = code, .where = where, .place = key.second});
  once_.emplace(std::move(key), problems_.size() - 1);
}

std::vector<Problem> ProblemList::take() {
  for (const auto& [code, number] : of_kind_) {
    if (number <= kProblemsOfOneKindMax) continue;
    problems_.push_back({.code = ProblemCode::more_of_the_same,
                         .place = std::string(kind_of(code).name),
                         .count = number - kProblemsOfOneKindMax});
  }
  std::ranges::stable_sort(problems_, [](const Problem& a, const Problem& b) {
    return std::tie(a.where.file, a.where.line) < std::tie(b.where.file, b.where.line);
  });
  of_kind_.clear();
  once_.clear();
  return std::exchange(problems_, {});
}

}  // namespace klasboek::api::roster
