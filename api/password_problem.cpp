#include "api/password_problem.h"

#include <cstdlib>
#include <string>

#include "api/call.h"

namespace klasboek::api {

namespace {

Problem invalid(std::string_view pointer, std::string_view code, std::string message) {
  return invalid_body({{std::string(pointer), std::string(code), std::move(message)}});
}

}  // namespace

Problem problem_of_password(vault::LoginFault fault, std::string_view pointer) {
  switch (fault) {
    case vault::LoginFault::password_too_short:
      return invalid(pointer, "too_short", "A password has at least 10 characters.");
    case vault::LoginFault::password_too_long:
      return invalid(pointer, "too_long", "A password has at most 128 characters.");
    case vault::LoginFault::password_not_text:
      return invalid(pointer, "not_text", "A password is text in UTF-8.");
    case vault::LoginFault::password_leaked:
      return invalid(pointer, "leaked",
                     "Everybody who guesses tries this password first: take one of your own, such "
                     "as a short sentence.");
    case vault::LoginFault::wrong_password:
      return invalid(pointer, "wrong_password", "It isn't your password.");
    case vault::LoginFault::prepared_otherwise:
      return problem_of_reused_key();
    case vault::LoginFault::overloaded:
      return too_many_requests("Many people are logging in just now.", 2);
    case vault::LoginFault::not_an_email:
    case vault::LoginFault::not_prepared:
    case vault::LoginFault::unavailable:
      return unavailable("The password can't be kept just now.", 2);
  }
  std::abort();
}

}  // namespace klasboek::api
