#include <map>
#include <ostream>
#include <utility>

#include "api/json_writer.h"
#include "reactions/mail_outbox.h"
#include "tools/commands.h"

namespace klasboek::tools {

namespace {

using reactions::WaitingMail;
using Counts = std::map<std::pair<std::string_view, std::string_view>, std::int64_t>;

Counts counts_of(const std::vector<WaitingMail>& mails) {
  Counts counts;
  for (const auto& mail : mails)
    ++counts[{reactions::name_of(mail.order.message), reactions::name_of(mail.state)}];
  return counts;
}

std::string id_of(const WaitingMail& mail) {
  return events::to_type_id("mail", reactions::mail_id_of(mail.order));
}

void print_json(std::ostream& out, const std::vector<WaitingMail>& mails) {
  std::string text;
  api::JsonWriter json(text);
  json.begin_object().begin_array("counts");
  for (const auto& [names, count] : counts_of(mails)) {
    json.begin_object()
        .text("message", names.first)
        .text("state", names.second)
        .integer("count", count)
        .end_object();
  }
  json.end_array().begin_array("mails");
  for (const auto& mail : mails) {
    json.begin_object()
        .text("id", id_of(mail))
        .text("message", reactions::name_of(mail.order.message))
        .text("state", reactions::name_of(mail.state))
        .integer("claims", mail.claims)
        .text("school", events::to_text(mail.order.school))
        .text("account", events::to_text(mail.order.account))
        .text("cause", events::to_text(mail.order.cause))
        .instant("expires_at", mail.order.expires_at_us)
        .end_object();
  }
  json.end_array().end_object();
  out << text << "\n";
}

void print_lines(std::ostream& out, const std::vector<WaitingMail>& mails) {
  if (mails.empty()) {
    out << "no mail waits\n";
    return;
  }
  for (const auto& [names, count] : counts_of(mails)) {
    out << names.first << "  " << names.second << "  " << count << "\n";
  }
  for (const auto& mail : mails) {
    out << id_of(mail) << "  " << reactions::name_of(mail.order.message) << "  "
        << reactions::name_of(mail.state) << "  claimed " << mail.claims << "x  "
        << events::to_text(mail.order.school) << "  " << events::to_text(mail.order.account) << "  "
        << events::to_text(mail.order.cause) << "\n";
  }
}

}  // namespace

int outbox_show_command(const Toolbox& toolbox) {
  // The vault alone, and for reading: so it can be looked at while the server runs.
  const auto place = place_of(toolbox.configuration);
  const auto own = reactions::vault_place_of(place, vault::system_random(), vault::Access::read);
  if (!own) {
    toolbox.err << "klasboek: " << own.error().explanation << "\n";
    return kCannotOpen;
  }
  const auto vault = vault::Vault::open(*own);
  if (!vault) {
    toolbox.err << "klasboek: " << vault.error().explanation << "\n";
    return kCannotOpen;
  }
  const auto mails = reactions::MailOutbox((*vault)->transit()).list();
  if (!mails) {
    toolbox.err << "klasboek: the outbox can't be read (" << vault::name_of(mails.error()) << ")\n";
    return kCannotOpen;
  }
  if (toolbox.json) {
    print_json(toolbox.out, *mails);
  } else {
    print_lines(toolbox.out, *mails);
  }
  return kDone;
}

}  // namespace klasboek::tools
