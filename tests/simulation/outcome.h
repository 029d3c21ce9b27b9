#pragma once
// Outcomes in the words of a trace.
#include <string>

#include "events/log/submit.h"

namespace klasboek::tests {

std::string words_of(const log::SubmitOutcome& outcome);

}  // namespace klasboek::tests
