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
      return CommandBody(std::in_place_index<I>, *static_cast<const Native*>(held.value));
    }
    return from_union<I + 1>(held);
  }
}

}  // namespace

CommandBody::CommandBody() = default;
CommandBody::CommandBody(const CommandBody&) = default;
CommandBody::CommandBody(CommandBody&&) noexcept = default;
CommandBody& CommandBody::operator=(const CommandBody&) = default;
CommandBody& CommandBody::operator=(CommandBody&&) noexcept = default;
CommandBody::~CommandBody() = default;

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
