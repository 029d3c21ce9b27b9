// Problem: every answer that is an error, as RFC 9457 problem+json.
//
// `code` is the stable public name that programs act on; `title` says the same to a person;
// `detail` says what is wrong with this very request; `remedy` says what to do about it. None of
// them ever quotes what a person wrote: they end up in logs of clients and proxies.
//
// Thread safety: plain values and pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/http_message.h"

namespace klasboek::api {

// One thing that is wrong with a body: where (JSON pointer, RFC 6901; "" is the whole) and what.
struct FieldError {
  std::string pointer;
  std::string code;  // snake_case, stable
  std::string message;
};

struct Problem {
  int status = 500;
  std::string code;  // snake_case, stable
  std::string title;
  std::string detail;
  std::string remedy;
  std::vector<FieldError> errors;
  std::optional<std::uint32_t> retry_after_s;  // becomes the field Retry-After
  std::vector<Method> allow;                   // becomes the field Allow (405)
};

// The answer; `request_id` is named in it so that a person can be helped from the logs. Never
// cached (Cache-Control: no-store).
Response to_response(const Problem& problem, std::string_view request_id);

// "GET, HEAD, OPTIONS", in the order of Method.
std::string allow_text(const std::vector<Method>& methods);

// Problems that the server itself can have with a request. `detail` names what is wrong.
Problem malformed_request(std::string detail);                               // 400
Problem invalid_parameter(std::string_view name, std::string detail);        // 400; "": unnamed
Problem not_found();                                                         // 404
Problem method_not_allowed(std::vector<Method> allow);                       // 405
Problem request_timeout();                                                   // 408
Problem length_required();                                                   // 411
Problem body_too_large(std::uint64_t bytes_max);                             // 413
Problem target_too_long(std::string detail);                                 // 414
Problem unsupported_media_type(std::string_view expected);                   // 415
Problem expectation_failed();                                                // 417
Problem misdirected_request();                                               // 421
Problem malformed_json(std::string detail);                                  // 400
Problem invalid_body(std::vector<FieldError> errors);                        // 422
Problem too_many_requests(std::string detail, std::uint32_t retry_after_s);  // 429
Problem headers_too_large(std::string detail);                               // 431
Problem internal_error();                                                    // 500
Problem method_not_implemented();                                            // 501
Problem unavailable(std::string detail, std::uint32_t retry_after_s);        // 503
Problem version_not_supported();                                             // 505

}  // namespace klasboek::api
