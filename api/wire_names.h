#pragma once
// The public names of enumerations in JSON, both ways.
#include <array>
#include <string_view>
#include <utility>

#include "events/command.h"
#include "events/consent_rule.h"

namespace klasboek::api {

template <class E, std::size_t N>
using Names = std::array<std::pair<std::string_view, E>, N>;

inline constexpr Names<events::AbsenceReason, 4> kAbsenceReasons = {
    {{"ill", events::AbsenceReason::ill},
     {"medical_visit", events::AbsenceReason::medical_visit},
     {"late", events::AbsenceReason::late},
     {"other", events::AbsenceReason::other}}};
inline constexpr Names<events::AbsenceClass, 3> kAbsenceClasses = {
    {{"authorised", events::AbsenceClass::authorised},
     {"unauthorised", events::AbsenceClass::unauthorised},
     {"late", events::AbsenceClass::late}}};
inline constexpr Names<events::ReportTiming, 2> kReportTimings = {
    {{"on_time", events::ReportTiming::on_time},
     {"after_start", events::ReportTiming::after_start}}};
inline constexpr Names<events::LeaveGround, 3> kLeaveGrounds = {
    {{"belief", events::LeaveGround::belief},
     {"parents_occupation", events::LeaveGround::parents_occupation},
     {"other_circumstances", events::LeaveGround::other_circumstances}}};
inline constexpr Names<events::LeaveVerdict, 6> kLeaveVerdicts = {
    {{"grant", events::LeaveVerdict::grant},
     {"grant_partly", events::LeaveVerdict::grant_partly},
     {"refuse", events::LeaveVerdict::refuse},
     {"forward", events::LeaveVerdict::forward},
     {"accept", events::LeaveVerdict::accept},
     {"contest", events::LeaveVerdict::contest}}};
inline constexpr Names<events::ConsentAnswer, 2> kConsentAnswers = {
    {{"given", events::ConsentAnswer::given}, {"refused", events::ConsentAnswer::refused}}};
inline constexpr Names<events::ConsentVoice, 5> kConsentVoices = {
    {{"silent", events::ConsentVoice::silent},
     {"given", events::ConsentVoice::given},
     {"lapsed", events::ConsentVoice::lapsed},
     {"refused", events::ConsentVoice::refused},
     {"withdrawn", events::ConsentVoice::withdrawn}}};
inline constexpr Names<events::AnswerRoute, 3> kAnswerRoutes = {
    {{"portal", events::AnswerRoute::portal},
     {"spoken", events::AnswerRoute::spoken},
     {"paper", events::AnswerRoute::paper}}};
/// How staff record an answer; the portal isn't one of them.
inline constexpr Names<events::AnswerRoute, 2> kRecordedRoutes = {
    {{"spoken", events::AnswerRoute::spoken}, {"paper", events::AnswerRoute::paper}}};
inline constexpr Names<events::Relation, 8> kRelations = {
    {{"unknown", events::Relation::unknown},
     {"mother", events::Relation::mother},
     {"father", events::Relation::father},
     {"guardian", events::Relation::guardian},
     {"foster_parent", events::Relation::foster_parent},
     {"step_parent", events::Relation::step_parent},
     {"contact", events::Relation::contact},
     {"other", events::Relation::other}}};
inline constexpr Names<events::Authority, 3> kAuthorities = {
    {{"unknown", events::Authority::unknown},
     {"with", events::Authority::with},
     {"without", events::Authority::without}}};
inline constexpr Names<events::GroupKind, 3> kGroupKinds = {
    {{"class_group", events::GroupKind::class_group},
     {"whole_school", events::GroupKind::whole_school},
     {"other", events::GroupKind::other}}};

/// The name of a value. REQUIRES: the table has it.
template <class E, std::size_t N>
std::string_view name_in(const Names<E, N>& names, E value) {
  for (const auto& [name, one] : names) {
    if (one == value) return name;
  }
  return "unknown";
}

}  // namespace klasboek::api
