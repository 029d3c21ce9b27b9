#pragma once
// Schools of a realistic size, founded by the same commands as everybody's: classes with their
// teachers, families of one to three children, one or two guardians each, who are all invited and
// logged in. Names are syllables; nobody in it exists.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "events/day.h"
#include "events/ids.h"
#include "reactions/node.h"

namespace klasboek::bench {

struct DistrictShape {
  std::size_t schools = 8;
  std::size_t children_per_school = 400;
  std::size_t children_per_class = 25;
  std::size_t purposes = 6;
};

/// Ids and tokens as they stand in requests.
struct Child {
  std::string id;
  /// Session tokens of those with authority.
  std::vector<std::string> guardians;
};
struct ClassGroup {
  std::string id;
  /// Of the teacher who works with it.
  std::string teacher;
};
struct School {
  events::SchoolId id;
  std::string path;  // "/v1/schools/<id>"
  std::vector<std::string> purposes;
  std::vector<ClassGroup> classes;
  std::vector<Child> children;
};
struct District {
  std::vector<School> schools;
  events::Day today;
};

/// Throws where a command is refused. The same seed gives the same families.
District found_district(const reactions::Node& node, const DistrictShape& shape,
                        std::uint64_t seed);

}  // namespace klasboek::bench
