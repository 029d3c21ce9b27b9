#include "projections/consent_rows.h"

#include "events/log/rocks.h"

namespace klasboek::projections::consent_view::rows {

namespace {

using log::rocks::Key;

void write(RowWriter& out, const Answer& answer) {
  out.id(answer.answered_by)
      .one_of(answer.voice)
      .boolean(answer.by_pupil)
      .u32(answer.notice_version)
      .text(answer.language)
      .one_of(answer.route)
      .u16(answer.school_year)
      .actor(answer.recorded_by)
      .i64(answer.recorded_at_us)
      .i64(answer.given_at_us)
      .u64(answer.sequence)
      .id(answer.event);
}

Answer read_answer(RowReader& in) {
  Answer answer;
  answer.answered_by = in.id<events::AccountId>();
  answer.voice = in.one_of<events::ConsentVoice>();
  answer.by_pupil = in.boolean();
  answer.notice_version = in.u32();
  answer.language = in.text();
  answer.route = in.one_of<events::AnswerRoute>();
  answer.school_year = in.u16();
  answer.recorded_by = in.actor();
  answer.recorded_at_us = in.i64();
  answer.given_at_us = in.i64();
  answer.sequence = in.u64();
  answer.event = in.id<events::EventId>();
  return answer;
}

}  // namespace

std::string answers_prefix(events::ChildId child, events::PurposeId purpose) {
  return 'a' + Key{}.uuid(child.value).uuid(purpose.value).str();
}
std::string guardians_prefix(events::ChildId child) { return 'l' + Key{}.uuid(child.value).str(); }
std::string settings_prefix() { return "s"; }
std::string at_key(const std::string& prefix, std::uint64_t sequence) {
  return prefix + Key{}.inverted_u64(sequence).str();
}
std::string version_key(events::ChildId child) { return 'v' + Key{}.uuid(child.value).str(); }

std::string encode(const Answers& answers) {
  return RowWriter{}
      .id(answers.newest)
      .list(answers.answers, [](auto& o, const Answer& answer) { write(o, answer); })
      .take();
}

void decode(std::string_view bytes, Answers& answers) {
  RowReader in(bytes);
  answers.newest = in.id<events::AccountId>();
  answers.answers = in.list<Answer>(read_answer);
}

std::string encode(const Settings& settings) {
  RowWriter out;
  out.one_of(settings.policy.one_household).one_of(settings.policy.two_households);
  out.list(settings.purposes, [](auto& o, const Purpose& purpose) {
    o.id(purpose.id).text(purpose.code).u32(purpose.notice_version).u32(purpose.asked_from_version);
  });
  return out.take();
}

void decode(std::string_view bytes, Settings& settings) {
  RowReader in(bytes);
  settings.policy.one_household = in.one_of<events::SilencePolicy>();
  settings.policy.two_households = in.one_of<events::SilencePolicy>();
  settings.purposes = in.list<Purpose>([](RowReader& i) {
    Purpose purpose;
    purpose.id = i.id<events::PurposeId>();
    purpose.code = i.text();
    purpose.notice_version = i.u32();
    purpose.asked_from_version = i.u32();
    return purpose;
  });
}

std::string encode(const Guardians& guardians) {
  return RowWriter{}
      .list(guardians,
            [](auto& o, const directory::GuardianLink& link) {
              o.id(link.guardian).one_of(link.authority).u8(link.household);
            })
      .take();
}

void decode(std::string_view bytes, Guardians& guardians) {
  RowReader in(bytes);
  guardians = in.list<directory::GuardianLink>([](RowReader& i) {
    directory::GuardianLink link;
    link.guardian = i.id<events::AccountId>();
    link.authority = i.one_of<events::Authority>();
    link.household = i.u8();
    return link;
  });
}

}  // namespace klasboek::projections::consent_view::rows
