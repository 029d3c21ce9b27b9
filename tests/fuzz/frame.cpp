#include "tests/fuzz/inputs.h"

namespace klasboek::tests::fuzz {

void frame(Input input) {
  const events::AlignedBytes record(input);
  const auto format = events::format_of_frame(record.bytes());
  const auto view = events::read_frame(record.bytes());
  if (view) {
    must(format && *format >= 1 && *format <= events::kFrameFormat,
         "a frame is read that doesn't say a known format");
    check_frame(*view);
  } else {
    must(format.has_value() == (view.error() != events::FrameFault::not_a_frame),
         "a frame has a format exactly where it is one");
  }
}

}  // namespace klasboek::tests::fuzz
