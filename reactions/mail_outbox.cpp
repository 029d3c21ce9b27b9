#include "reactions/mail_outbox.h"

#include <spdlog/spdlog.h>

#include <string>
#include <utility>

#include "vault/layout.h"

namespace klasboek::reactions {

namespace {

using vault::TransitKind;

constexpr std::uint8_t kLayout = 1;

// layout message school account cause invitation child absence expires_at state claims next_look_at
std::string encode(const WaitingMail& mail) {
  vault::Bytes bytes;
  vault::LayoutWriter(bytes)
      .byte(kLayout)
      .byte(static_cast<std::uint8_t>(mail.order.message))
      .uuid(mail.order.school.value)
      .uuid(mail.order.account.value)
      .uuid(mail.order.cause.value)
      .uuid(mail.order.invitation.value)
      .uuid(mail.order.child.value)
      .uuid(mail.order.absence.value)
      .number(static_cast<std::uint64_t>(mail.order.expires_at_us))
      .byte(static_cast<std::uint8_t>(mail.state))
      .number(mail.claims)
      .number(static_cast<std::uint64_t>(mail.next_look_at_us));
  return {bytes.begin(), bytes.end()};
}

std::optional<WaitingMail> decode(std::string_view text) {
  vault::LayoutReader reader({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  if (reader.byte() != kLayout) return std::nullopt;
  WaitingMail mail;
  mail.order.message = static_cast<events::MessageKind>(reader.byte());
  mail.order.school.value = reader.uuid();
  mail.order.account.value = reader.uuid();
  mail.order.cause.value = reader.uuid();
  mail.order.invitation.value = reader.uuid();
  mail.order.child.value = reader.uuid();
  mail.order.absence.value = reader.uuid();
  mail.order.expires_at_us = static_cast<std::int64_t>(reader.number());
  mail.state = static_cast<MailState>(reader.byte());
  mail.claims = static_cast<std::uint32_t>(reader.number());
  mail.next_look_at_us = static_cast<std::int64_t>(reader.number());
  if (!reader.is_whole()) return std::nullopt;
  return mail;
}

}  // namespace

std::string_view name_of(MailState state) {
  switch (state) {
    case MailState::waiting:
      return "waiting";
    case MailState::sending:
      return "sending";
    case MailState::retrying:
      return "retrying";
  }
  std::unreachable();
}

std::string_view name_of(events::MessageKind message) {
  switch (message) {
    case events::MessageKind::invitation:
      return "invitation";
    case events::MessageKind::leave_decision:
      return "leave_decision";
    case events::MessageKind::absence_notice:
      return "absence_notice";
    case events::MessageKind::password_reset:
      return "password_reset";
  }
  std::unreachable();
}

std::expected<void, vault::VaultFault> MailOutbox::put(const WaitingMail& mail) {
  return transit_.put(TransitKind::mail, mail_id_of(mail.order), encode(mail));
}

std::expected<void, vault::VaultFault> MailOutbox::change(const WaitingMail& mail) {
  return transit_.replace(TransitKind::mail, mail_id_of(mail.order), encode(mail));
}

std::expected<void, vault::VaultFault> MailOutbox::remove(const events::Uuid& id) {
  return transit_.remove(TransitKind::mail, id);
}

std::expected<std::vector<WaitingMail>, vault::VaultFault> MailOutbox::list() {
  const auto ids = transit_.list(TransitKind::mail);
  if (!ids) return std::unexpected(ids.error());
  std::vector<WaitingMail> mails;
  mails.reserve(ids->size());
  for (const auto& id : *ids) {
    const auto taken = transit_.take(TransitKind::mail, id);
    if (!taken) return std::unexpected(taken.error());
    const auto& text = *taken;
    if (!text) continue;  // removed meanwhile
    if (const auto mail = decode(*text)) {
      mails.push_back(*mail);
    } else {
      spdlog::error("mail: {} in the outbox was written by a newer klasboek",
                    events::to_type_id("mail", id));
    }
  }
  return mails;
}

}  // namespace klasboek::reactions
