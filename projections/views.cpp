#include "projections/absence_view.h"
#include "projections/audit_view.h"
#include "projections/consent_view.h"
#include "projections/directory.h"
#include "projections/feed.h"
#include "projections/inbox.h"
#include "projections/leave_view.h"
#include "projections/view.h"

namespace klasboek::projections {

const std::vector<std::unique_ptr<View>>& all_views() {
  static const auto kViews = [] {
    std::vector<std::unique_ptr<View>> views;
    views.push_back(directory::make_view());
    views.push_back(feed::make_view());
    views.push_back(consent_view::make_view());
    views.push_back(leave_view::make_view());
    views.push_back(absence_view::make_view());
    views.push_back(inbox::make_view());
    views.push_back(audit_view::make_view());
    return views;
  }();
  return kViews;
}

}  // namespace klasboek::projections
