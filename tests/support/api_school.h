#pragma once
// The whole application without sockets: an installation in a directory of its own, a clock that
// stands still, and a school with the people of a scenario. Requests go in as targets and bodies,
// as the door would hand them on.
//
//   ApiSchool school;
//   CHECK(school.get("mother", "/children").status == 200);
//   CHECK(school.patch("office", "/groups/" + school.id("class"), {{"name", "Groep 4"}}).code() ==
//   …);
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/application.h"
#include "reactions/installation.h"
#include "tests/support/temporary_directory.h"

namespace klasboek::tests {

using nlohmann::json;
using HeaderFields = std::vector<std::pair<std::string, std::string>>;

struct ApiAnswer {
  api::Response response;
  int status = 0;
  /// Discarded where there is none or it isn't JSON.
  json body;
  /// Of a problem; "" elsewhere.
  [[nodiscard]] std::string code() const;
  /// "" where there is none.
  [[nodiscard]] std::string header(std::string_view name) const;
};

/// In the school, each by that name, with a log-in: director, office, teacher (of "class"),
/// other_teacher (of "other_class"), mother and father (of "child", with authority, in two
/// households), stepfather (of "child", without), other_mother (of "other_child"). The child is six
/// and in "class", the other is ten and in "other_class". Monday 2026-10-05, 10:00 in Amsterdam;
/// school on weekdays from 08:30 to 15:00; posts appear at any hour; consent is asked for "photos".
/// A second school has its own "stranger", who directs it, and "their_class".
class ApiSchool {
 public:
  ApiSchool();

  ApiAnswer get(const std::string& who, const std::string& path, const HeaderFields& fields = {});
  ApiAnswer post(const std::string& who, const std::string& path, const json& body);
  ApiAnswer put(const std::string& who, const std::string& path, const json& body,
                const HeaderFields& fields = {});
  ApiAnswer patch(const std::string& who, const std::string& path, const json& body,
                  const HeaderFields& fields = {});
  ApiAnswer remove(const std::string& who, const std::string& path,
                   const HeaderFields& fields = {});
  /// Any request; the target is the whole path with its query. Nobody asks where `who` is "". Sends
  /// what `fields` holds and, where they don't name them, a session, JSON as the type of a body and
  /// a new Idempotency-Key.
  ApiAnswer send(const std::string& method, const std::string& target, const std::string& who,
                 const std::string& body, HeaderFields fields = {});
  /// The same without adding anything but the session.
  ApiAnswer send_bare(const std::string& method, const std::string& target, const std::string& who,
                      const std::string& body, HeaderFields fields = {});

  /// The body of an answer that must say that it was done.
  static json done(const ApiAnswer& answer);

  /// Of what was named above or by name().
  [[nodiscard]] std::string id(const std::string& name) const;
  void name(const std::string& name, const std::string& id) { ids_[name] = id; }
  /// `/v1/schools/{school}` of the first school.
  [[nodiscard]] std::string root() const { return "/v1/schools/" + id("school"); }
  [[nodiscard]] reactions::Installation& installation() { return *installation_; }
  [[nodiscard]] api::Application& application() { return *application_; }
  /// A session of somebody who logged in at that moment; now where none is named.
  [[nodiscard]] std::string token_of(const std::string& who,
                                     std::optional<std::int64_t> issued_at_us = std::nullopt) const;
  /// The clock, which stands still until it is set again; a local moment.
  void on(std::string_view local);
  [[nodiscard]] std::int64_t now_us() const { return now_us_; }
  /// Closes it, lets `meanwhile` at its data directory, and opens it again.
  void reopen(const std::function<void(const std::filesystem::path& directory)>& meanwhile = {});
  /// Opens an account of the first school and lets its owner in.
  void admit(const std::string& name);
  /// The account of that name in either school is this person's too: one log-in for both.
  void join(const std::string& person, const std::string& school, const std::string& account);
  /// Opens an account of the second school, without an owner.
  void open_theirs(const std::string& name);

 private:
  void open();
  void found(const std::string& school, const std::string& director);
  void set_calendar();
  void make_classes();
  void make_families();
  void let_in(const std::string& name, events::SchoolId school, events::AccountId account);
  void accept(events::SchoolId school, events::AccountId account);
  void own(const std::string& person, events::SchoolId school, events::AccountId account);
  void order(events::SchoolId school, const events::Actor& actor, const events::CommandBody& body);

  TemporaryDirectory directory_;
  /// The door of some tests asks from its own threads.
  std::atomic<std::int64_t> now_us_;
  std::uint64_t keys_ = 0;
  std::uint64_t openings_ = 0;
  std::unique_ptr<reactions::Installation> installation_;
  std::unique_ptr<api::Application> application_;
  std::map<std::string, std::string> ids_;
  std::map<std::string, vault::IdentityId> identities_;
};

}  // namespace klasboek::tests
