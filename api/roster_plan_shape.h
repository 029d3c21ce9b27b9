#pragma once
// What roster::to_json() writes, for /openapi.json.
#include "api/schema.h"

namespace klasboek::api::roster {

schema::Schema plan_shape();

}  // namespace klasboek::api::roster
