#pragma once
// Who is let in where: one row for each route, and whoever isn't in it is refused. The requests are
// such that they are answered 2xx the first time somebody who may sends them.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace klasboek::tests {

struct AccessRow {
  /// The route's name in the table of routes.
  std::string_view route;
  std::string_view method;
  /// Names in braces are of the matrix school.
  std::string_view target;
  std::string_view body;
  /// Names of the matrix school, apart by spaces.
  std::string let_in;
  /// Of a route for anybody: what everyone gets alike. Then nobody is refused.
  std::optional<int> everyone_gets = std::nullopt;
  /// The test that shows it done, where the people of the matrix can't do it: they have no
  /// password.
  std::string_view done_in = "";
};

const std::vector<AccessRow>& access_table();

}  // namespace klasboek::tests
