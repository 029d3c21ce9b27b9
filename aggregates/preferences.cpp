#include "aggregates/preferences.h"

#include "aggregates/fold.h"

namespace klasboek::aggregates::preferences {

void evolve(State& state, const events::PreferencesEvent& event, const Happened& /*happened*/) {
  std::visit(Overloaded{[&](const events::ChannelsChosen& e) { state.mail = e.mail; }}, event);
}

Decision decide(const events::ChooseChannels& command, const State& /*state*/,
                const Context& /*context*/) {
  events::ChannelsChosen event;
  event.mail = command.mail;
  return on_stream(events::preferences_stream(command.account), std::move(event));
}

}  // namespace klasboek::aggregates::preferences
