#pragma once
// Where the sources are, for tests that read samples and vectors.
#include <string>

namespace klasboek::tests {

/// A path of the source tree, given from its root: source_path("tests/vectors").
std::string source_path(const std::string& from_root);

}  // namespace klasboek::tests
