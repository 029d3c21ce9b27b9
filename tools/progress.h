#pragma once
// The bar that people see during long work.
#include <cstdint>
#include <string_view>

#include "projections/projector.h"
#include "tools/commands.h"

namespace klasboek::tools {

/// Writes one line to toolbox.err over and over, as `views [####      ] 40 %`, and ends it when all
/// is done. Nothing where no person looks on: in a file or a pipe such a line is only dirt. The
/// stream must outlive it.
projections::Progress progress_bar(const Toolbox& toolbox, std::string_view what);

}  // namespace klasboek::tools
