#pragma once
// Takes a request through the table: route, session, school, role and reach, then the handler.
#include <cstdint>
#include <string>
#include <vector>

#include "api/cursor.h"
#include "api/http_message.h"
#include "api/route.h"
#include "api/router.h"
#include "reactions/node.h"

namespace klasboek::api {

struct ApplicationOptions {
  std::string public_url = "http://127.0.0.1:8080";
  CursorSealer::Key cursor_key{};
};

/// Thread safe. REQUIRES: the node outlives it.
class Application {
 public:
  Application(const reactions::Node& node, ApplicationOptions options);
  /// Never throws but for faults of the program itself; storage that fails becomes 503.
  Response handle(const Request& request);
  /// How large the body of a request with this method and path may be, for the door to ask before
  /// it reads one; `otherwise` where the table says nothing.
  [[nodiscard]] std::uint64_t body_bytes_max(Method method,
                                             const std::vector<std::string>& segments,
                                             std::uint64_t otherwise) const;

 private:
  Response dispatch(const Request& request, const RouteFound& found);

  const reactions::Node& node_;
  ApplicationOptions options_;
  CursorSealer cursors_;
  LoginThrottle throttle_;
  LoginThrottle reset_throttle_;
  Router router_;
};

}  // namespace klasboek::api
