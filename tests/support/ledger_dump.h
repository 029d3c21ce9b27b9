#pragma once
// A ledger as nothing but bytes, to tell whether two readers of a log have the very same.
#include <filesystem>
#include <map>
#include <string>

namespace klasboek::tests {

/// Every key and value of every column family, by "FAMILY/key". REQUIRES: nobody has it open.
std::map<std::string, std::string> dump_ledger(const std::filesystem::path& directory);

}  // namespace klasboek::tests
