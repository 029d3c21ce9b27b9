#pragma once
// The OpenAPI 3.1 document, made of the same table that routes and authorises.
#include <string>
#include <string_view>
#include <vector>

#include "api/route.h"

namespace klasboek::api {

/// JSON text. public_url: without a slash at the end.
std::string openapi_document(const std::vector<Route>& routes, std::string_view public_url);

}  // namespace klasboek::api
