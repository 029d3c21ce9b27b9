#include "tests/support/source_dir.h"

#include <filesystem>

namespace klasboek::tests {

std::string source_path(const std::string& from_root) {
  return (std::filesystem::path(KLASBOEK_SOURCE_DIR) / from_root).lexically_normal().string();
}

}  // namespace klasboek::tests
