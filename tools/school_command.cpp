#include <iostream>
#include <variant>

#include "aggregates/rejection.h"
#include "api/json_writer.h"
#include "api/person_text.h"
#include "events/local_time.h"
#include "projections/directory.h"
#include "reactions/invitation_code.h"
#include "tools/commands.h"

namespace klasboek::tools {

namespace {

constexpr std::int64_t kInvitationTermUs = 30LL * 24 * 3600 * 1'000'000;
const events::Actor kOperator{{}, events::Role::operator_, {}};

/// Gives orders of the installation's operator, and says in words what was refused.
class OperatorDesk {
 public:
  OperatorDesk(const Toolbox& toolbox, const reactions::Node& node, events::SchoolId school)
      : toolbox_(toolbox), node_(node), school_(school) {}

  using Build =
      std::function<std::expected<events::CommandBody, vault::VaultFault>(vault::Sealer&)>;

  bool give(const Build& build) {
    reactions::Order order;
    order.school = school_;
    order.actor = kOperator;
    order.command = vault::draw<16>(node_.random);
    order.build = build;
    const auto outcome = reactions::carry_out(node_, order);
    if (std::holds_alternative<log::Done>(outcome)) return true;
    const auto* refused = std::get_if<log::Refused>(&outcome);
    const auto rejection =
        refused != nullptr ? aggregates::rejection_by_name(refused->rejection) : std::nullopt;
    toolbox_.err << "klasboek: "
                 << (rejection ? aggregates::row_of(*rejection).english
                               : "it wasn't done; look at the log and try again")
                 << "\n";
    return false;
  }

 private:
  const Toolbox& toolbox_;
  const reactions::Node& node_;
  events::SchoolId school_;
};

/// "Maria van den Berg": what stands before the last word is given name and prefix.
api::PersonName split_name(const std::string& text) {
  api::PersonName name;
  const auto first = text.find(' ');
  const auto last = text.rfind(' ');
  if (first == std::string::npos) {
    name.family = text;
    return name;
  }
  name.given = text.substr(0, first);
  name.family = text.substr(last + 1);
  if (last > first) name.prefix = text.substr(first + 1, last - first - 1);
  return name;
}

bool open_director(OperatorDesk& desk, events::AccountId director, const SchoolOptions& options,
                   events::Day today) {
  const events::SubjectRef subject{events::SubjectKind::account, director.value};
  const bool opened = desk.give(
      [&](vault::Sealer& sealer) -> std::expected<events::CommandBody, vault::VaultFault> {
        events::OpenAccount order;
        order.account = director;
        const auto name = sealer.seal(subject, events::RetentionClass::identity_attendance,
                                      api::to_text(split_name(options.director_name)));
        const auto contact =
            sealer.seal(subject, events::RetentionClass::identity_attendance,
                        api::to_text(api::ContactCard{options.director_email, {}}));
        if (!name || !contact) return std::unexpected(vault::VaultFault::busy);
        order.name = *name;
        order.contact = *contact;
        return order;
      });
  return opened &&
         desk.give([&](vault::Sealer&) -> std::expected<events::CommandBody, vault::VaultFault> {
           events::GiveRole order;
           order.account = director;
           order.role = events::Role::director;
           order.first_day = today;
           order.open_ended = true;
           return order;
         });
}

std::optional<std::string> invite(const reactions::Node& node, OperatorDesk& desk,
                                  events::SchoolId school, events::AccountId account) {
  const auto invitation = node.new_id<events::InvitationId>();
  const auto code = reactions::invitation_code(node.vault, school, invitation);
  const bool invited =
      desk.give([&](vault::Sealer&) -> std::expected<events::CommandBody, vault::VaultFault> {
        events::Invite order;
        order.account = account;
        order.invitation = invitation;
        order.code_digest = reactions::code_digest(code);
        order.expires_at_us = node.now_us() + kInvitationTermUs;
        return order;
      });
  if (!invited) return std::nullopt;
  return code;
}

}  // namespace

int school_create_command(const Toolbox& toolbox, const SchoolOptions& options) {
  const auto installation = open_installation(toolbox, reactions::IfMissing::make);
  if (!installation) return kCannotOpen;
  const auto& node = installation->node();
  const auto school = node.new_id<events::SchoolId>();
  const auto director = node.new_id<events::AccountId>();
  OperatorDesk desk(toolbox, node, school);
  const bool founded =
      desk.give([&](vault::Sealer&) -> std::expected<events::CommandBody, vault::VaultFault> {
        events::FoundSchool order;
        order.school = school;
        order.name = options.name;
        order.time_zone = options.time_zone;
        return order;
      });
  if (!founded || !open_director(desk, director, options,
                                 events::local_time(options.time_zone, node.now_us()).day))
    return kRefused;
  const auto code = invite(node, desk, school, director);
  if (!code) return kRefused;
  if (toolbox.json) {
    std::string text;
    api::JsonWriter(text)
        .begin_object()
        .text("school", events::to_text(school))
        .text("director", events::to_text(director))
        .text("invitation", *code)
        .end_object();
    toolbox.out << text << "\n";
  } else {
    toolbox.out << "school    " << events::to_text(school) << "\n"
                << "director  " << events::to_text(director) << "\n"
                << "code      " << *code << "\n"
                << "The director comes in by POST /v1/invitations/<code> with a password.\n";
  }
  return kDone;
}

int invite_command(const Toolbox& toolbox, const std::string& school_name,
                   const std::string& account_name) {
  const auto installation = open_installation(toolbox);
  if (!installation) return kCannotOpen;
  const auto school = school_named(toolbox, *installation, school_name);
  if (!school) return kUsage;
  const auto& node = installation->node();
  std::vector<events::AccountId> accounts;
  if (account_name.empty()) {
    const auto& shard = node.shards.of(*school);
    for (const auto& row : projections::directory::accounts(
             projections::ViewSnapshot(shard.projector->store()), *school)) {
      if (!row.invited && !row.admitted) accounts.push_back(row.id);
    }
  } else if (const auto id = events::parse_id<events::AccountId>(account_name)) {
    accounts.push_back(*id);
  } else {
    toolbox.err << "klasboek: --account is the id of an account, such as account_01h…\n";
    return kUsage;
  }
  OperatorDesk desk(toolbox, node, *school);
  for (const auto& account : accounts) {
    const auto code = invite(node, desk, *school, account);
    if (!code) return kRefused;
    std::string text;
    api::JsonWriter(text)
        .begin_object()
        .text("account", events::to_text(account))
        .text("code", *code)
        .end_object();
    toolbox.out << (toolbox.json ? text : events::to_text(account) + "  " + *code) << "\n";
  }
  return kDone;
}

}  // namespace klasboek::tools
