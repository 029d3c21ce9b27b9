#include "tests/support/crash_points.h"

#include <cstdlib>

namespace klasboek::tests {

std::string_view name_of(CrashPoint point) {
  switch (point) {
    case CrashPoint::keys_durable:
      return "keys_durable";
    case CrashPoint::before_append:
      return "before_append";
    case CrashPoint::before_sync:
      return "before_sync";
    case CrashPoint::after_sync:
      return "after_sync";
    case CrashPoint::after_append:
      return "after_append";
    case CrashPoint::acknowledged:
      return "acknowledged";
    case CrashPoint::before_projection:
      return "before_projection";
    case CrashPoint::after_projection:
      return "after_projection";
    case CrashPoint::before_answer:
      return "before_answer";
    case CrashPoint::after_answer:
      return "after_answer";
    case CrashPoint::before_claim:
      return "before_claim";
    case CrashPoint::after_claim:
      return "after_claim";
    case CrashPoint::handed_over:
      return "handed_over";
    case CrashPoint::disk_call:
      return "disk_call";
  }
  std::abort();
}

CrashPoint point_of(log::Step step) {
  switch (step) {
    case log::Step::keys_durable:
      return CrashPoint::keys_durable;
    case log::Step::before_append:
      return CrashPoint::before_append;
    case log::Step::after_append:
      return CrashPoint::after_append;
    case log::Step::acknowledged:
      return CrashPoint::acknowledged;
    case log::Step::before_projection:
      return CrashPoint::before_projection;
    case log::Step::after_projection:
      return CrashPoint::after_projection;
    case log::Step::before_answer:
      return CrashPoint::before_answer;
    case log::Step::after_answer:
      return CrashPoint::after_answer;
    case log::Step::before_claim:
      return CrashPoint::before_claim;
    case log::Step::after_claim:
      return CrashPoint::after_claim;
    case log::Step::handed_over:
      return CrashPoint::handed_over;
  }
  std::abort();
}

}  // namespace klasboek::tests
