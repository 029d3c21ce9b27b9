#pragma once
// What tests asked the application and what it answered, a line of JSON each, for
// recorded_answers_test.py, which holds all of it against /openapi.json.
#include "api/application.h"

namespace klasboek::tests {

/// The application's answer, which is written to `$KLASBOEK_RECORDED/<this program>.ndjson`; ctest
/// says where, and without it nothing is written. May be called by any thread.
api::Response recorded(api::Application& application, const api::Request& request);

}  // namespace klasboek::tests
