#include "tools/progress.h"

#include <algorithm>
#include <ostream>
#include <string>

namespace klasboek::tools {

projections::Progress progress_bar(const Toolbox& toolbox, std::string_view what) {
  if (!toolbox.err_is_terminal) return {};
  constexpr std::uint64_t kPercent = 100;
  constexpr std::uint64_t kWidth = 40;
  // Drawn when the number changes: a log has a million commits, and a terminal takes its time.
  return [&err = toolbox.err, label = std::string(what), drawn = kPercent + 1](
             std::uint64_t done, std::uint64_t all) mutable {
    const auto percent = done >= all ? kPercent : done * kPercent / all;
    if (percent == drawn) return;
    drawn = percent;
    const auto filled = percent * kWidth / kPercent;
    err << "\r" << label << " [" << std::string(filled, '#') << std::string(kWidth - filled, ' ')
        << "] " << percent << " %" << (percent == kPercent ? "\n" : "") << std::flush;
  };
}

}  // namespace klasboek::tools
