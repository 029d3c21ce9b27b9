#include "projections/audit_view.h"

#include <algorithm>
#include <set>
#include <utility>

#include "events/log/rocks.h"

namespace klasboek::projections::audit_view {

namespace {

using events::RecordedEvent;
using log::rocks::Key;

using Subjects = std::set<Subject>;

std::string prefix_of(const Subject& subject) {
  return Key{}.u8(static_cast<std::uint8_t>(subject.kind)).uuid(subject.id).str();
}
std::string key_of(const Subject& subject, std::uint64_t sequence) {
  return prefix_of(subject) + Key{}.inverted_u64(sequence).str();
}

std::string encode(const AuditRow& row) {
  return RowWriter{}
      .u64(row.sequence)
      .id(row.event)
      .u8(row.type)
      .one_of(row.stream.kind)
      .uuid(row.stream.subject)
      .u64(row.stream_version)
      .actor(row.actor)
      .i64(row.recorded_at_us)
      .i64(row.effective_at_us)
      .id(row.causation)
      .take();
}

AuditRow decode(std::string_view bytes) {
  RowReader in(bytes);
  AuditRow row;
  row.sequence = in.u64();
  row.event = in.id<events::EventId>();
  row.type = in.u8();
  row.stream.kind = in.one_of<events::StreamKind>();
  row.stream.subject = in.uuid();
  row.stream_version = in.u64();
  row.actor = in.actor();
  row.recorded_at_us = in.i64();
  row.effective_at_us = in.i64();
  row.causation = in.id<events::EventId>();
  return row;
}

/// Whose stream it is.
void add_stream(Subjects& subjects, const events::Stream& stream) {
  switch (stream.kind) {
    case events::StreamKind::child:
    case events::StreamKind::consent:
    case events::StreamKind::absence:
    case events::StreamKind::leave:
      subjects.insert({AuditKind::child, stream.subject});
      return;
    case events::StreamKind::account:
    case events::StreamKind::preferences:
    case events::StreamKind::reading:
    case events::StreamKind::delivery:
      subjects.insert({AuditKind::account, stream.subject});
      return;
    case events::StreamKind::group:
      subjects.insert({AuditKind::group, stream.subject});
      return;
    case events::StreamKind::post:
      subjects.insert({AuditKind::post, stream.subject});
      return;
    // Of the school alone, to which every event belongs.
    case events::StreamKind::none:
    case events::StreamKind::school:
    case events::StreamKind::gathering:
    case events::StreamKind::conversation:
    case events::StreamKind::content_report:
    case events::StreamKind::media:
    case events::StreamKind::erasure:
    case events::StreamKind::key:
    case events::StreamKind::roster_import:
      return;
  }
}

/// Whom an event names besides the subject of its stream. Every event has a line: a new one doesn't
/// compile until somebody has thought about whom it concerns.
struct AddNamed {
  Subjects& subjects;

  void account(events::AccountId id) const { subjects.insert(subject_of(id)); }

  void operator()(const events::SchoolFounded&) const {}
  void operator()(const events::SchoolRenamed&) const {}
  void operator()(const events::SchoolDaysSet&) const {}
  void operator()(const events::SchoolYearSet&) const {}
  void operator()(const events::PostingWindowSet&) const {}
  void operator()(const events::ConsentPolicySet&) const {}
  void operator()(const events::PurposeAdded&) const {}
  void operator()(const events::NoticePublished&) const {}
  void operator()(const events::GroupFounded&) const {}
  void operator()(const events::GroupRenamed&) const {}
  void operator()(const events::GroupClosed&) const {}
  void operator()(const events::StaffAssigned& e) const { account(e.account); }
  void operator()(const events::StaffAssignmentEnded& e) const { account(e.account); }
  void operator()(const events::ChildEnrolled&) const {}
  void operator()(const events::ChildNameCorrected&) const {}
  void operator()(const events::ChildBirthDayCorrected&) const {}
  void operator()(const events::ChildPlaced& e) const { subjects.insert(subject_of(e.group)); }
  void operator()(const events::ChildLeft&) const {}
  void operator()(const events::GuardianLinked& e) const { account(e.guardian); }
  void operator()(const events::GuardianRelationChanged& e) const { account(e.guardian); }
  void operator()(const events::GuardianAuthorityRecorded& e) const { account(e.guardian); }
  void operator()(const events::GuardianUnlinked& e) const { account(e.guardian); }
  void operator()(const events::AccountOpened&) const {}
  void operator()(const events::AccountNameCorrected&) const {}
  void operator()(const events::AccountContactChanged&) const {}
  void operator()(const events::AccountInvited&) const {}
  void operator()(const events::InvitationAccepted&) const {}
  void operator()(const events::RoleGiven&) const {}
  void operator()(const events::RoleEnded&) const {}
  void operator()(const events::AccountBlocked&) const {}
  void operator()(const events::AccountUnblocked&) const {}
  void operator()(const events::AccountClosed&) const {}
  void operator()(const events::SessionsEnded&) const {}
  void operator()(const events::ChannelsChosen&) const {}
  void operator()(const events::PostPublished& e) const {
    for (const auto& group : e.groups) subjects.insert(subject_of(group));
  }
  void operator()(const events::PostEdited&) const {}
  void operator()(const events::PostRetracted&) const {}
  void operator()(const events::ConsentGiven& e) const { account(e.answered_by); }
  void operator()(const events::ConsentRefused& e) const { account(e.answered_by); }
  void operator()(const events::ConsentWithdrawn& e) const { account(e.answered_by); }
  void operator()(const events::AbsenceReported& e) const { account(e.reported_by); }
  void operator()(const events::AbsenceReportAdded& e) const { account(e.reported_by); }
  void operator()(const events::AbsenceEndChanged&) const {}
  void operator()(const events::AbsenceWithdrawn&) const {}
  void operator()(const events::RecoveryReported&) const {}
  void operator()(const events::AbsenceClassified&) const {}
  void operator()(const events::LeaveRequested& e) const { account(e.requested_by); }
  void operator()(const events::BeliefLeaveNoticed& e) const { account(e.noticed_by); }
  void operator()(const events::LeaveGranted&) const {}
  void operator()(const events::LeavePartlyGranted&) const {}
  void operator()(const events::LeaveRefused&) const {}
  void operator()(const events::LeaveForwarded&) const {}
  void operator()(const events::BeliefLeaveAccepted&) const {}
  void operator()(const events::BeliefLeaveContested&) const {}
  void operator()(const events::LeaveWithdrawn&) const {}
  void operator()(const events::DeliveryClaimed&) const {}
  void operator()(const events::DeliverySent&) const {}
  void operator()(const events::DeliveryFailed&) const {}
  void operator()(const events::SubjectErased& e) const {
    const events::Uuid id{e.subject_hi, e.subject_lo};
    switch (e.subject_kind) {
      case events::SubjectKind::child:
        subjects.insert({AuditKind::child, id});
        return;
      case events::SubjectKind::account:
        subjects.insert({AuditKind::account, id});
        return;
      case events::SubjectKind::group:
        subjects.insert({AuditKind::group, id});
        return;
      case events::SubjectKind::post:
        subjects.insert({AuditKind::post, id});
        return;
      case events::SubjectKind::medium:
      case events::SubjectKind::conversation:
      case events::SubjectKind::roster_import:
      case events::SubjectKind::mail:
        return;
    }
  }
  void operator()(const events::KeyRetired&) const {}
  void operator()(const events::KeysDestroyed&) const {}
  void operator()(const events::RosterImportBegun&) const {}
  void operator()(const events::RosterChunkApplied&) const {}
  void operator()(const events::RosterImportCompleted&) const {}
  void operator()(const events::StaffCodesSet&) const {}
  void operator()(const events::MandateGiven&) const {}
  void operator()(const events::PasswordResetAsked&) const {}
  void operator()(const events::PasswordReset&) const {}
  void operator()(const events::ShieldRaised& e) const { account(e.against); }
  void operator()(const events::ShieldLifted& e) const { account(e.against); }
  void operator()(const events::AuditGranted& e) const { subjects.insert(subject_of(e.child)); }
  void operator()(const events::AuditGrantEnded& e) const { subjects.insert(subject_of(e.child)); }
  void operator()(const events::AuditReadRecorded& e) const {
    subjects.insert(subject_of(e.child));
  }
};

Subjects subjects_of(const RecordedEvent& event) {
  Subjects subjects{subject_of(event.school)};
  add_stream(subjects, event.stream);
  std::visit(AddNamed{subjects}, event.body);
  if (!event.actor.on_behalf_of.is_zero()) {
    subjects.insert(subject_of(event.actor.on_behalf_of));
  }
  // Nobody's account, where an event has none to name.
  std::erase_if(subjects, [](const Subject& subject) { return subject.id.is_zero(); });
  return subjects;
}

/// It handles every event alike, so it isn't made of one function per event.
class AuditView final : public View {
 public:
  [[nodiscard]] std::string_view name() const override { return kName; }
  [[nodiscard]] std::uint32_t version() const override { return 1; }
  void on(const RecordedEvent& event, ViewRows& rows) const override {
    const auto bytes = encode({event.sequence, event.event, events::number_of(event.body),
                               event.stream, event.stream_version, event.actor,
                               event.recorded_at_us, event.effective_at_us, event.causation});
    for (const auto& subject : subjects_of(event)) {
      rows.put(key_of(subject, event.sequence), bytes);
    }
  }
};

bool matches(const AuditRow& row, const AuditQuery& query) {
  return (!query.type || row.type == *query.type) &&
         (!query.actor || row.actor.account == *query.actor);
}

}  // namespace

AuditPage trail(const ViewSnapshot& views, events::SchoolId school, const Subject& subject,
                const AuditQuery& query, std::size_t limit) {
  AuditPage page;
  std::size_t looked_at = 0;
  std::uint64_t last = 0;
  views.scan(kName, school, prefix_of(subject), key_of(subject, query.to_sequence),
             [&](std::string_view, std::string_view value) {
               auto row = decode(value);
               if (row.sequence < query.from_sequence) return false;
               if (page.rows.size() == limit || looked_at == kRowsPerPageMax) {
                 page.next = last;
                 return false;
               }
               ++looked_at;
               last = row.sequence;
               if (matches(row, query)) page.rows.push_back(row);
               return true;
             });
  return page;
}

std::unique_ptr<View> make_view() { return std::make_unique<AuditView>(); }

}  // namespace klasboek::projections::audit_view
