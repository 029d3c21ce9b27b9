#include "events/command.h"

#include <utility>

namespace klasboek::events {

namespace {

/// The variant's alternative that the union holds.
template <std::size_t I = 0>
std::optional<CommandBody> from_union(const wire::CommandBodyUnion& held) {
  if constexpr (I == std::variant_size_v<CommandKinds>) {
    return std::nullopt;
  } else {
    using Native = std::variant_alternative_t<I, CommandKinds>;
    if (wire::CommandBodyUnionTraits<Native>::enum_value == held.type) {
      return CommandBody(*static_cast<const Native*>(held.value));
    }
    return from_union<I + 1>(held);
  }
}

}  // namespace

CommandBody::CommandBody() = default;
template <class Kind>
  requires(kIsKind<Kind, CommandKinds>)
CommandBody::CommandBody(Kind kind) : CommandKinds(std::in_place_type<Kind>, std::move(kind)) {}
CommandBody::CommandBody(const CommandBody&) = default;
CommandBody::CommandBody(CommandBody&&) noexcept = default;
CommandBody& CommandBody::operator=(const CommandBody&) = default;
CommandBody& CommandBody::operator=(CommandBody&&) noexcept = default;
CommandBody::~CommandBody() = default;

// Made here and nowhere else; one that is missing, the linker names.
template CommandBody::CommandBody(FoundSchool);
template CommandBody::CommandBody(RenameSchool);
template CommandBody::CommandBody(SetSchoolDays);
template CommandBody::CommandBody(SetSchoolYear);
template CommandBody::CommandBody(SetPostingWindow);
template CommandBody::CommandBody(SetConsentPolicy);
template CommandBody::CommandBody(AddPurpose);
template CommandBody::CommandBody(PublishNotice);
template CommandBody::CommandBody(FoundGroup);
template CommandBody::CommandBody(RenameGroup);
template CommandBody::CommandBody(CloseGroup);
template CommandBody::CommandBody(AssignStaff);
template CommandBody::CommandBody(EndStaffAssignment);
template CommandBody::CommandBody(EnrolChild);
template CommandBody::CommandBody(CorrectChild);
template CommandBody::CommandBody(PlaceChild);
template CommandBody::CommandBody(RecordLeaver);
template CommandBody::CommandBody(LinkGuardian);
template CommandBody::CommandBody(ChangeGuardianRelation);
template CommandBody::CommandBody(RecordGuardianAuthority);
template CommandBody::CommandBody(UnlinkGuardian);
template CommandBody::CommandBody(OpenAccount);
template CommandBody::CommandBody(CorrectAccount);
template CommandBody::CommandBody(Invite);
template CommandBody::CommandBody(AcceptInvitation);
template CommandBody::CommandBody(GiveRole);
template CommandBody::CommandBody(EndRole);
template CommandBody::CommandBody(BlockAccount);
template CommandBody::CommandBody(UnblockAccount);
template CommandBody::CommandBody(CloseAccount);
template CommandBody::CommandBody(EndSessions);
template CommandBody::CommandBody(ChooseChannels);
template CommandBody::CommandBody(PublishPost);
template CommandBody::CommandBody(EditPost);
template CommandBody::CommandBody(RetractPost);
template CommandBody::CommandBody(AnswerConsent);
template CommandBody::CommandBody(ReportAbsence);
template CommandBody::CommandBody(ChangeAbsenceEnd);
template CommandBody::CommandBody(WithdrawAbsence);
template CommandBody::CommandBody(ReportRecovery);
template CommandBody::CommandBody(ClassifyAbsence);
template CommandBody::CommandBody(RequestLeave);
template CommandBody::CommandBody(DecideLeave);
template CommandBody::CommandBody(WithdrawLeave);
template CommandBody::CommandBody(ClaimDelivery);
template CommandBody::CommandBody(RecordDelivery);
template CommandBody::CommandBody(BeginRosterImport);
template CommandBody::CommandBody(ApplyRosterChunk);
template CommandBody::CommandBody(CompleteRosterImport);
template CommandBody::CommandBody(EraseSubject);
template CommandBody::CommandBody(RecordKeysDestroyed);
template CommandBody::CommandBody(SetStaffCodes);
template CommandBody::CommandBody(GrantAudit);
template CommandBody::CommandBody(EndAuditGrant);
template CommandBody::CommandBody(RecordAuditRead);
template CommandBody::CommandBody(GiveMandate);
template CommandBody::CommandBody(RaiseShield);
template CommandBody::CommandBody(LiftShield);
template CommandBody::CommandBody(AskPasswordReset);
template CommandBody::CommandBody(ResetPassword);

RosterStep roster_step(CommandBody command) {
  RosterStep step;
  std::visit([&](auto&& native) { step.command.Set(std::forward<decltype(native)>(native)); },
             std::move(command));
  return step;
}

std::optional<CommandBody> command_of(const RosterStep& step) {
  if (step.command.value == nullptr) return std::nullopt;
  return from_union(step.command);
}

}  // namespace klasboek::events
