#include "reactions/mail_smtp.h"

#include <curl/curl.h>
#include <sodium.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <string_view>

namespace klasboek::reactions {

namespace {

struct EasyFree {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct ListFree {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct UrlFree {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
struct TextFree {
  void operator()(char* text) const { curl_free(text); }
};

/// A part of a URL; empty where there is none.
std::string part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return {};
  const std::unique_ptr<char, TextFree> owned(text);
  return text;
}

bool is_this_machine(std::string_view host) {
  return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

/// Where in the conversation it is; what the server refuses means something else in each.
enum class Stage : std::uint8_t { greeting, sender, recipient, text };

/// One conversation: what is to be said, and how far it came.
struct Conversation {
  explicit Conversation(const std::stop_token& stop_asked, std::string_view text = {})
      : stop(stop_asked), unsent(text) {}
  const std::stop_token& stop;
  std::string_view unsent;
  Stage stage = Stage::greeting;
};

std::size_t read_text(char* into, std::size_t size, std::size_t count, void* with) {
  auto& conversation = *static_cast<Conversation*>(with);
  const auto length = std::min(size * count, conversation.unsent.size());
  std::memcpy(into, conversation.unsent.data(), length);
  conversation.unsent.remove_prefix(length);
  return length;
}

std::size_t pass_over(char* /*text*/, std::size_t size, std::size_t count, void* /*with*/) {
  return size * count;
}

/// libcurl tells what it says to the server; from that the stage is known. It is looked at and not
/// kept: it holds addresses.
int hear(CURL* /*easy*/, curl_infotype type, char* text, std::size_t size, void* with) {
  if (type != CURLINFO_HEADER_OUT) return 0;
  auto& conversation = *static_cast<Conversation*>(with);
  const std::string_view said(text, size);
  if (said.starts_with("MAIL ")) conversation.stage = Stage::sender;
  if (said.starts_with("RCPT ")) conversation.stage = Stage::recipient;
  if (said.starts_with("DATA")) conversation.stage = Stage::text;
  return 0;
}

int look_up(void* with, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Conversation*>(with)->stop.stop_requested() ? 1 : 0;
}

/// curl_easy_setopt takes a long, a pointer or a function, and says which by number only.
template <class Value>
void set(CURL* easy, CURLoption option, Value value) {
  [[maybe_unused]] const auto taken = curl_easy_setopt(easy, option, value);
  assert(taken == CURLE_OK);
}

class SmtpSender final : public MailSender {
 public:
  SmtpSender(SmtpServer server, const std::string& from) : server_(std::move(server)) {
    static const CURLcode kStarted = curl_global_init(CURL_GLOBAL_DEFAULT);
    easy_.reset(kStarted == CURLE_OK ? curl_easy_init() : nullptr);
    server_.url += "/" + from.substr(from.find('@') + 1);
  }
  ~SmtpSender() override { sodium_memzero(server_.password.data(), server_.password.size()); }

  SendOutcome reach(const std::stop_token& stop) override {
    if (!easy_) return SendOutcome::no_answer;
    Conversation conversation(stop);
    prepare(conversation);
    set(easy_.get(), CURLOPT_CUSTOMREQUEST, "NOOP");
    return converse(conversation);
  }

  SendOutcome send(const Mail& mail, const std::stop_token& stop) override {
    if (!easy_) return SendOutcome::no_answer;
    Conversation conversation(stop, mail.text);
    prepare(conversation);
    const std::unique_ptr<curl_slist, ListFree> to(
        curl_slist_append(nullptr, ("<" + mail.to + ">").c_str()));
    set(easy_.get(), CURLOPT_MAIL_FROM, ("<" + mail.from + ">").c_str());
    set(easy_.get(), CURLOPT_MAIL_RCPT, to.get());
    set(easy_.get(), CURLOPT_UPLOAD, 1L);
    set(easy_.get(), CURLOPT_READFUNCTION, read_text);
    set(easy_.get(), CURLOPT_READDATA, static_cast<void*>(&conversation));
    return converse(conversation);
  }

 private:
  void prepare(Conversation& conversation) {
    CURL* easy = easy_.get();
    set(easy, CURLOPT_URL, server_.url.c_str());
    set(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    if (!server_.user.empty()) {
      set(easy, CURLOPT_USERNAME, server_.user.c_str());
      set(easy, CURLOPT_PASSWORD, server_.password.c_str());
    }
    set(easy, CURLOPT_USE_SSL,
        static_cast<long>(server_.needs_tls ? CURLUSESSL_ALL : CURLUSESSL_TRY));
    if (!server_.ca_file.empty()) set(easy, CURLOPT_CAINFO, server_.ca_file.c_str());
    set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(server_.connect_max.count()));
    set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(server_.send_max.count()));
    // While it waits for the answer to a text, libcurl 7.88 goes by this one alone.
    set(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT,
        static_cast<long>(std::chrono::ceil<std::chrono::seconds>(server_.send_max).count()));
    set(easy, CURLOPT_NOSIGNAL, 1L);
    // What a server answers is read by nobody: only its number counts.
    set(easy, CURLOPT_WRITEFUNCTION, pass_over);
    set(easy, CURLOPT_VERBOSE, 1L);
    set(easy, CURLOPT_DEBUGFUNCTION, hear);
    set(easy, CURLOPT_DEBUGDATA, static_cast<void*>(&conversation));
    set(easy, CURLOPT_NOPROGRESS, 0L);
    set(easy, CURLOPT_XFERINFOFUNCTION, look_up);
    set(easy, CURLOPT_XFERINFODATA, static_cast<void*>(&conversation));
  }

  /// Nothing of the conversation is left behind but its connection, for the next one.
  SendOutcome converse(const Conversation& conversation) {
    const auto outcome = outcome_of(curl_easy_perform(easy_.get()), conversation);
    curl_easy_reset(easy_.get());
    return outcome;
  }

  SendOutcome outcome_of(CURLcode result, const Conversation& conversation) {
    constexpr long kForNow = 4;
    constexpr long kForGood = 5;
    if (result == CURLE_OK) return SendOutcome::sent;
    if (result == CURLE_ABORTED_BY_CALLBACK) return SendOutcome::stopped;
    long reply = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &reply);
    const bool about_this_mail =
        conversation.stage == Stage::recipient || conversation.stage == Stage::text;
    switch (result) {
      case CURLE_LOGIN_DENIED:
      case CURLE_USE_SSL_FAILED:
      case CURLE_PEER_FAILED_VERIFICATION:
      case CURLE_SSL_CACERT_BADFILE:
        return SendOutcome::not_served;
      default:
        break;
    }
    if (reply / 100 == kForNow) {
      return about_this_mail ? SendOutcome::refused_for_now : SendOutcome::no_answer;
    }
    if (reply / 100 == kForGood) {
      return about_this_mail ? SendOutcome::refused : SendOutcome::not_served;
    }
    return SendOutcome::no_answer;
  }

  SmtpServer server_;
  std::unique_ptr<CURL, EasyFree> easy_;
};

}  // namespace

std::expected<SmtpServer, std::string> parse_smtp_server(const std::string& text) {
  const auto wrong = [] {
    return std::unexpected(
        std::string("must be smtp://host:port or smtps://host:port, with user:password@ before "
                    "the host where the server wants a log-in"));
  };
  const std::unique_ptr<CURLU, UrlFree> url(curl_url());
  if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) return wrong();
  const auto scheme = part_of(url.get(), CURLUPART_SCHEME);
  const auto host = part_of(url.get(), CURLUPART_HOST);
  const auto port = part_of(url.get(), CURLUPART_PORT);
  const auto path = part_of(url.get(), CURLUPART_PATH);
  const bool names_more = (!path.empty() && path != "/") ||
                          !part_of(url.get(), CURLUPART_QUERY).empty() ||
                          !part_of(url.get(), CURLUPART_FRAGMENT).empty();
  if ((scheme != "smtp" && scheme != "smtps") || host.empty() || names_more) return wrong();
  SmtpServer server;
  server.url = scheme + "://" + host + (port.empty() ? "" : ":" + port);
  server.user = part_of(url.get(), CURLUPART_USER, CURLU_URLDECODE);
  server.password = part_of(url.get(), CURLUPART_PASSWORD, CURLU_URLDECODE);
  server.needs_tls = !server.user.empty() && !is_this_machine(host);
  return server;
}

std::unique_ptr<MailSender> make_smtp_sender(SmtpServer server, const std::string& from) {
  return std::make_unique<SmtpSender>(std::move(server), from);
}

}  // namespace klasboek::reactions
