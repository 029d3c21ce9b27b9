#pragma once
// A school with somebody of every kind who may ask for something, and the door in front of it.
//
// Around one child of "class":
//   mother, father         with authority, in two households
//   stepfather             without authority
//   shielded               with authority; the child is shielded from that one
//   former                 was its guardian until a moment ago, and is one of "other_child"
//   blocked                with authority; the account is blocked
//   closed                 with authority; the account was closed yesterday
//   classmate_mother       of "classmate", in the same class
//   other_mother           of "other_child", in the other class
//   teacher, other_teacher of the two classes
//   teacher_tomorrow       works with the class from tomorrow
//   teacher_yesterday      worked with it until yesterday
// Of the school: director, deputy (all powers), mandated (a deputy for leave alone, until today),
//   office, care, board, office_tomorrow, office_yesterday (the role from tomorrow, until
//   yesterday)
// Auditors: auditor_school (of the whole school, with texts), auditor_child (of "child", without),
//   auditor_other (of "other_child"), auditor_expired (until yesterday), auditor_ended (ended)
// Of nowhere here: stranger (directs the second school), and by what is in the session: expired
//   (the director's, too old), logged_out (the director's, ended), nobody
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "api/http_server.h"
#include "tests/support/api_school.h"
#include "tests/support/raw_http.h"

namespace klasboek::tests {

class MatrixSchool {
 public:
  MatrixSchool();

  /// By those names, in one order.
  [[nodiscard]] static const std::vector<std::string>& everybody();
  /// One request by HTTP. The target may hold names in braces, as `/children/{child}/leaves`, and
  /// so may the body; what isn't below /v1 is below the school.
  RawAnswer ask(const std::string& who, const std::string& method, const std::string& target,
                const std::string& body = "");
  /// The same with a session token of one's own; none where it is empty.
  RawAnswer ask_with(const std::string& token, const std::string& method, const std::string& target,
                     const std::string& body = "");
  /// Names in braces become ids.
  [[nodiscard]] std::string filled(std::string text) const;
  /// How many events the school's log holds.
  [[nodiscard]] std::uint64_t events();

  ApiSchool school;

 private:
  void make_guardians();
  void make_staff();
  void make_auditors();
  void link(const std::string& guardian, const std::string& child, const std::string& authority);
  void give_role(const std::string& who, const std::string& role, const std::string& first_day,
                 const std::string& last_day = "");
  std::string token(const std::string& who);

  std::unique_ptr<api::HttpServer> server_;
  std::unique_ptr<RawClient> client_;
  std::string logged_out_;
  std::size_t asked_ = 0;
};

}  // namespace klasboek::tests
