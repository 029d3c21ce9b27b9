#include "projections/consent_view.h"

#include <algorithm>
#include <limits>

#include "projections/consent_rows.h"

namespace klasboek::projections::consent_view {

namespace {

using events::ConsentVoice;
using events::RecordedEvent;
using rows::Answers;
using rows::Guardians;
using rows::Settings;

/// The newest row of a history as a fold sees it; empty before the first.
template <class Row>
Row newest(ViewRows& view, const std::string& prefix) {
  Row row;
  view.scan(prefix, [&](std::string_view, std::string_view value) {
    rows::decode(value, row);
    return false;
  });
  return row;
}

/// Adds a row to a history: what was newest, changed.
template <class Row, class Change>
void change(ViewRows& view, const std::string& prefix, const RecordedEvent& event,
            const Change& apply) {
  auto row = newest<Row>(view, prefix);
  apply(row);
  view.put(rows::at_key(prefix, event.sequence), rows::encode(row));
}

template <class Change>
void change_guardians(ViewRows& view, const RecordedEvent& event, const Change& apply) {
  change<Guardians>(view, rows::guardians_prefix({event.stream.subject}), event, apply);
}

template <class Change>
void change_link(ViewRows& view, const RecordedEvent& event, events::AccountId guardian,
                 const Change& apply) {
  change_guardians(view, event, [&](Guardians& links) {
    const auto found = std::ranges::find(links, guardian, &directory::GuardianLink::guardian);
    if (found != links.end()) apply(*found);
  });
}

rows::Purpose& purpose_in(Settings& settings, events::PurposeId id) {
  auto at = std::ranges::lower_bound(settings.purposes, id, {}, &rows::Purpose::id);
  if (at == settings.purposes.end() || at->id != id) {
    at = settings.purposes.insert(at, rows::Purpose{id, {}, 0, 1});
  }
  return *at;
}

/// One answer to the answers of its purpose: it takes the place of the same person's last one.
template <class Event>
void answer(const Event& e, ConsentVoice voice, const RecordedEvent& event, ViewRows& view) {
  const events::ChildId child{event.stream.subject};
  Answer given;
  given.answered_by = e.answered_by;
  given.voice = voice;
  given.by_pupil = e.by_pupil;
  given.notice_version = e.notice_version;
  given.language = e.language;
  given.route = e.route;
  given.school_year = e.school_year;
  given.recorded_by = event.actor;
  given.recorded_at_us = event.recorded_at_us;
  given.given_at_us = event.effective_at_us;
  given.sequence = event.sequence;
  given.event = event.event;
  change<Answers>(view, rows::answers_prefix(child, e.purpose), event, [&](Answers& known) {
    std::erase_if(known.answers,
                  [&](const Answer& older) { return older.answered_by == e.answered_by; });
    known.newest = e.answered_by;
    known.answers.push_back(std::move(given));
  });
  view.put(rows::version_key(child), RowWriter{}.u64(event.stream_version).take());
}

struct Fold {
  static constexpr std::string_view kName = consent_view::kName;
  static constexpr std::uint32_t kVersion = 1;

  static void on(const events::ConsentPolicySet& e, const RecordedEvent& event, ViewRows& view) {
    change<Settings>(view, rows::settings_prefix(), event, [&](Settings& settings) {
      settings.policy = {e.one_household, e.two_households};
    });
  }
  static void on(const events::PurposeAdded& e, const RecordedEvent& event, ViewRows& view) {
    change<Settings>(view, rows::settings_prefix(), event,
                     [&](Settings& settings) { purpose_in(settings, e.purpose).code = e.code; });
  }
  static void on(const events::NoticePublished& e, const RecordedEvent& event, ViewRows& view) {
    change<Settings>(view, rows::settings_prefix(), event, [&](Settings& settings) {
      auto& purpose = purpose_in(settings, e.purpose);
      purpose.notice_version = e.version;
      if (e.asks_again) purpose.asked_from_version = e.version;
    });
  }

  static void on(const events::GuardianLinked& e, const RecordedEvent& event, ViewRows& view) {
    change_guardians(view, event, [&](Guardians& links) {
      std::erase_if(links, [&](const auto& link) { return link.guardian == e.guardian; });
      links.push_back({e.guardian, e.relation, e.authority, e.household, e.contact_order});
    });
  }
  static void on(const events::GuardianRelationChanged& e, const RecordedEvent& event,
                 ViewRows& view) {
    change_link(view, event, e.guardian, [&](auto& link) { link.household = e.household; });
  }
  static void on(const events::GuardianAuthorityRecorded& e, const RecordedEvent& event,
                 ViewRows& view) {
    change_link(view, event, e.guardian, [&](auto& link) { link.authority = e.authority; });
  }
  static void on(const events::GuardianUnlinked& e, const RecordedEvent& event, ViewRows& view) {
    change_guardians(view, event, [&](Guardians& links) {
      std::erase_if(links, [&](const auto& link) { return link.guardian == e.guardian; });
    });
  }

  static void on(const events::ConsentGiven& e, const RecordedEvent& event, ViewRows& view) {
    answer(e, ConsentVoice::given, event, view);
  }
  static void on(const events::ConsentRefused& e, const RecordedEvent& event, ViewRows& view) {
    answer(e, ConsentVoice::refused, event, view);
  }
  static void on(const events::ConsentWithdrawn& e, const RecordedEvent& event, ViewRows& view) {
    answer(e, ConsentVoice::withdrawn, event, view);
  }
};

/// The row of a history as of a sequence, by one seek.
template <class Row>
Row as_of(const ViewSnapshot& views, events::SchoolId school, const std::string& prefix, At at) {
  Row row;
  const auto sequence = at.value_or(std::numeric_limits<std::uint64_t>::max());
  views.scan(kName, school, prefix, rows::at_key(prefix, sequence),
             [&](std::string_view, std::string_view value) {
               rows::decode(value, row);
               return false;
             });
  return row;
}

/// A "yes" lapses when a later notice asks again; a "no" stays.
ConsentVoice voice_then(const Answer& answer, const rows::Purpose& purpose) {
  const bool older = answer.notice_version < purpose.asked_from_version;
  return older && answer.voice == ConsentVoice::given ? ConsentVoice::lapsed : answer.voice;
}

ConsentRow row_of(const rows::Purpose& purpose, const events::ConsentPolicy& policy,
                  const Guardians& guardians, Answers answers) {
  ConsentRow row;
  row.purpose = purpose.id;
  row.purpose_code = purpose.code;
  row.notice_version = purpose.notice_version;
  row.answers = std::move(answers.answers);
  for (auto& answer : row.answers) answer.voice = voice_then(answer, purpose);

  std::vector<events::ConsentDecider> voices;
  for (const auto& link : guardians) {
    if (link.authority != events::Authority::with) continue;
    const auto found = std::ranges::find(row.answers, link.guardian, &Answer::answered_by);
    const auto voice = found == row.answers.end() ? ConsentVoice::silent : found->voice;
    row.deciders.push_back({link.guardian, link.household, voice});
    voices.push_back({link.household, voice, false});
  }
  for (const auto& answer : row.answers) {
    if (answer.by_pupil) voices.push_back({0, answer.voice, true});
  }
  row.outcome = events::consent_outcome(voices, policy);
  return row;
}

}  // namespace

std::vector<ConsentRow> consents(const ViewSnapshot& views, events::SchoolId school,
                                 events::ChildId child, At at) {
  const auto settings = as_of<Settings>(views, school, rows::settings_prefix(), at);
  const auto guardians = as_of<Guardians>(views, school, rows::guardians_prefix(child), at);
  std::vector<ConsentRow> all;
  all.reserve(settings.purposes.size());
  for (const auto& purpose : settings.purposes) {
    all.push_back(
        row_of(purpose, settings.policy, guardians,
               as_of<Answers>(views, school, rows::answers_prefix(child, purpose.id), at)));
  }
  return all;
}

std::optional<ConsentRow> consent(const ViewSnapshot& views, events::SchoolId school,
                                  events::ChildId child, events::PurposeId purpose, At at) {
  const auto settings = as_of<Settings>(views, school, rows::settings_prefix(), at);
  const auto asked = std::ranges::find(settings.purposes, purpose, &rows::Purpose::id);
  if (asked == settings.purposes.end()) return std::nullopt;
  return row_of(*asked, settings.policy,
                as_of<Guardians>(views, school, rows::guardians_prefix(child), at),
                as_of<Answers>(views, school, rows::answers_prefix(child, purpose), at));
}

std::uint64_t stream_version(const ViewSnapshot& views, events::SchoolId school,
                             events::ChildId child) {
  const auto bytes = views.get(kName, school, rows::version_key(child));
  return bytes ? RowReader(*bytes).u64() : 0;
}

HistoryPage history(const ViewSnapshot& views, events::SchoolId school, events::ChildId child,
                    events::PurposeId purpose, const std::optional<std::uint64_t>& after,
                    std::size_t limit) {
  const auto prefix = rows::answers_prefix(child, purpose);
  HistoryPage page;
  if (after && *after == 0) return page;
  const auto from = after ? rows::at_key(prefix, *after - 1) : prefix;
  views.scan(kName, school, prefix, from, [&](std::string_view, std::string_view value) {
    if (page.answers.size() == limit) {
      page.next = page.answers.back().sequence;
      return false;
    }
    Answers known;
    rows::decode(value, known);
    const auto newest = std::ranges::find(known.answers, known.newest, &Answer::answered_by);
    if (newest == known.answers.end()) throw RowDamaged("a history of consent has lost its answer");
    page.answers.push_back(std::move(*newest));
    return true;
  });
  return page;
}

std::vector<OverviewRow> overview(const ViewSnapshot& views, events::SchoolId school,
                                  events::GroupId group, events::PurposeId purpose,
                                  events::Day day) {
  std::vector<OverviewRow> all;
  for (const auto& child : directory::children_of(views, school, group, day)) {
    const auto row = consent(views, school, child.id, purpose);
    all.push_back({child.id, row ? row->outcome : events::ConsentOutcome::no_response});
  }
  return all;
}

std::unique_ptr<View> make_view() { return std::make_unique<ViewOf<Fold>>(); }

}  // namespace klasboek::projections::consent_view
