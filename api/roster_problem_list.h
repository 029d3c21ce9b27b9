#pragma once
// Collects problems while a file is read, so that the same cause is told once and a hostile file
// can't fill memory with complaints. One reader, one thread.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "api/roster_problem.h"

namespace klasboek::api::roster {

inline constexpr std::size_t kProblemsOfOneKindMax = 1000;

class ProblemList {
 public:
  /// Beyond kProblemsOfOneKindMax of one kind only their number is kept.
  void add(Problem problem);
  /// One problem per code and place; its `count` says how often, its line is the first.
  void add_once(ProblemCode code, std::string place, Where where);
  /// All problems by line, those of equal lines in the order in which they were added.
  std::vector<Problem> take();

 private:
  std::vector<Problem> problems_;
  std::map<ProblemCode, std::size_t> of_kind_;
  std::map<std::pair<ProblemCode, std::string>, std::size_t> once_;  // index in problems_
};

}  // namespace klasboek::api::roster
