#pragma once
// Runs a scenario: plain text, a step a line, driven over HTTP against a whole installation.
#include <filesystem>
#include <string>

#include "tools/configuration.h"

namespace klasboek::tests {

/// Runs every step of the file on an installation of this configuration; fails the test at the
/// first step that doesn't hold, with its line.
void run_scenario(const std::filesystem::path& file, const tools::Configuration& configuration);

}  // namespace klasboek::tests
