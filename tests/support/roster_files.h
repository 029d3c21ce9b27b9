#pragma once
// Small roster files for tests, written out of their parts, and questions about what was read.

#include <string>
#include <string_view>
#include <vector>

#include "api/roster_file.h"

namespace klasboek::tests {

/// 23 November 2026, a Monday in the school year of the samples.
events::Day roster_today();

/// An EDEXML file with two groups (G3, G4; and S1, combined), around these pupils and this staff.
/// The first pupil begins on line kFirstPupilLine.
std::string edex_of(std::string_view pupils, std::string_view staff = "");
inline constexpr std::uint32_t kFirstPupilLine = 9;

/// A pupil without anything to complain about, on one line: key, and what stands in place of group.
std::string clean_pupil(std::string_view key, std::string_view group = "<groep key=\"G3\"/>");

api::roster::Reading read_xml(std::string_view bytes);

bool tells(const api::roster::Reading& reading, api::roster::ProblemCode code);
/// The first problem of a kind; throws where there is none, so that the test fails.
api::roster::Problem told(const api::roster::Reading& reading, api::roster::ProblemCode code);
std::size_t count_of(const api::roster::Reading& reading, api::roster::ProblemCode code);
/// The codes of all problems, for messages of failing tests.
std::string codes_of(const std::vector<api::roster::Problem>& problems);

std::string file_text(const std::string& path);

}  // namespace klasboek::tests
