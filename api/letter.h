#pragma once
// An invitation on paper.
#include <string>

#include "events/day.h"

namespace klasboek::api {

struct InvitationLetter {
  std::string school_name;
  std::string name;
  std::string url;
  /// The last day on which it is good, of the school's own calendar.
  events::Day last_day;
};

/// A page of HTML that stands by itself and prints on one sheet, Dutch first and then English. What
/// people wrote is escaped; it holds no script and loads nothing.
std::string to_html(const InvitationLetter& letter);

}  // namespace klasboek::api
