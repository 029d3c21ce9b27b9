#pragma once
// How every refusal must look, and that nothing of what was sent comes back in it.
#include <string>

#include "tests/support/api_school.h"

namespace klasboek::tests {

/// Stands in everything hostile, so that an answer that repeats it is found out.
inline const std::string kCanary = "KanarieVanWilhelmina";

/// A 5xx is never a client's doing; a 4xx is a problem that says what is wrong and what to do.
void check_refusal(const ApiAnswer& answer);

}  // namespace klasboek::tests
