#include "tests/support/program_place.h"

#include <catch2/catch.hpp>
#include <sstream>

namespace klasboek::tests {

Place::Place() {
  configuration.data_dir = (directory_ / "school").string();
  configuration.master_key_file = (directory_ / "master.key").string();
}

Outcome Place::make() const {
  auto made = run([](const tools::Toolbox& toolbox) {
    tools::SchoolOptions options;
    options.name = "De Vlieger";
    options.director_name = "Dirkje Directeur";
    options.director_email = "directie@example.org";
    return tools::school_create_command(toolbox, options);
  });
  INFO(made.err);
  REQUIRE(made.exit_code == tools::kDone);
  return made;
}

Outcome Place::run(const std::function<int(const tools::Toolbox&)>& command, bool as_json) const {
  std::ostringstream out;
  std::ostringstream err;
  const auto exit_code = command(tools::Toolbox{configuration, as_json, out, err});
  return {exit_code, out.str(), err.str()};
}

Outcome Place::watch(const std::function<int(const tools::Toolbox&)>& command) const {
  return run([&](tools::Toolbox toolbox) {
    toolbox.err_is_terminal = true;
    return command(toolbox);
  });
}

}  // namespace klasboek::tests
