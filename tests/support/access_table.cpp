#include "tests/support/access_table.h"

namespace klasboek::tests {

namespace {

// Who has something to read here at all: guardians of a child of the school, and its staff.
const std::string kGuardians = "mother father stepfather former classmate_mother other_mother ";
const std::string kTeachers = "teacher other_teacher teacher_tomorrow teacher_yesterday ";
/// A mandate is a deputy's role for reading, and for its own powers alone for changing.
const std::string kHeads = "director deputy mandated ";
const std::string kHeadsWhoChange = "director deputy ";
const std::string kOffice = "office ";
const std::string kOfficeAndHeads = kOffice + kHeadsWhoChange;
const std::string kMembers = kGuardians + kTeachers + kOffice + "care " + kHeads;
const std::string kWithAuthority = "mother father ";
const std::string kOwnGuardians = "mother father stepfather ";
const std::string kAuditors = "auditor_school auditor_child ";
const std::string kWithSession =
    kMembers + kAuditors +
    "shielded blocked closed board office_tomorrow office_yesterday auditor_other auditor_expired "
    "auditor_ended stranger ";
const std::string kAbsenceKeepers = kWithAuthority + "teacher care " + kOfficeAndHeads;

using Rows = std::vector<AccessRow>;

Rows rows_of_sessions() {
  return {
      {"alive", "GET", "/livez", "", "", 200},
      {"ready", "GET", "/readyz", "", "", 200},
      {"metrics", "GET", "/metrics", "", "", 200},
      {"describe_api", "GET", "/openapi.json", "", "", 200},
      {"log_in", "POST", "/v1/sessions",
       R"({"email":"{who}@nergens.example","password":"een zin als wachtwoord"})", "", 401},
      {"see_invitation", "GET", "/v1/invitations/made-up", "", "", 404},
      {"accept_invitation", "POST", "/v1/invitations/made-up",
       R"({"password":"een zin als wachtwoord"})", "", 404},
      {"ask_password_reset", "POST", "/v1/password-resets", R"({"email":"{who}@nergens.example"})",
       "", 202},
      {"reset_password", "POST", "/v1/password-resets/made-up",
       R"({"password":"een zin als wachtwoord"})", "", 404},
      {"log_out", "DELETE", "/v1/sessions/current", "", kWithSession},
      {"who_am_i", "GET", "/v1/me", "", kWithSession},
      {"see_sessions", "GET", "/v1/me/sessions", "", kWithSession},
      {"end_session", "DELETE", "/v1/me/sessions/{session}", "", "director"},
      {"change_password", "PUT", "/v1/me/password",
       R"({"old_password":"een zin als wachtwoord","new_password":"een nieuwe zin erbij"})",
       kWithSession, std::nullopt, "sessions_test"},
      {"propose_one_time_code", "POST", "/v1/me/totp", "", kWithSession},
      {"confirm_one_time_code", "PUT", "/v1/me/totp", R"({"code":"not one"})", kWithSession,
       std::nullopt, "one_time_code_routes_test"},
      {"remove_one_time_code", "DELETE", "/v1/me/totp", "", kWithSession},
      {"see_merged_feed", "GET", "/v1/feed", "", kWithSession},
      {"see_merged_notifications", "GET", "/v1/notifications", "", kWithSession},
  };
}

Rows rows_of_school() {
  return {
      {"see_school", "GET", "", "", kMembers},
      {"rename_school", "PATCH", "", R"({"name":"De Linde"})", kHeadsWhoChange},
      {"set_consent_policy", "PUT", "/consent-policy",
       R"({"one_household":"one_yes_counts","two_households":"all_must_answer"})", kHeadsWhoChange},
      {"set_school_days", "PUT", "/school-days",
       R"({"days":[{"weekday":1,"starts_minute":510,"ends_minute":900},{"weekday":2,"starts_minute":510,"ends_minute":900}]})",
       kHeadsWhoChange},
      {"set_school_year", "PUT", "/school-years",
       R"({"first_day":"2026-08-24","last_day":"2027-07-09","periods":[]})", kHeadsWhoChange},
      {"set_posting_window", "PUT", "/posting-window", R"({"opens_minute":0,"closes_minute":1440})",
       kHeadsWhoChange},
      {"set_staff_codes", "PUT", "/staff-codes", R"({"required":true})", "director", std::nullopt,
       "one_time_code_routes_test"},
      {"found_group", "POST", "/groups", R"({"name":"Koor","kind":"other"})", kOfficeAndHeads},
      {"see_groups", "GET", "/groups", "", kMembers},
      {"see_group", "GET", "/groups/{class}", "",
       kOwnGuardians + "classmate_mother teacher care " + kOffice + kHeads},
      {"rename_group", "PATCH", "/groups/{class}", R"({"name":"Groep 3"})", kOfficeAndHeads},
      {"assign_staff", "POST", "/groups/{other_class}/assignments",
       R"({"account":"{care}","first_day":"2026-10-05"})", kOfficeAndHeads},
      {"end_assignment", "DELETE", "/groups/{other_class}/assignments/{care}", "", kOfficeAndHeads},
      {"see_staff", "GET", "/staff", "", kMembers},
      {"upload_roster", "POST", "/roster-imports",
       R"({"files":[{"name":"ouders.csv","content":"{roster_file}"}]})", "director office"},
      {"see_roster_import", "GET", "/roster-imports/{import}", "", "director office"},
      {"apply_roster_import", "POST", "/roster-imports/{import}/apply", "{}", "director office"},
      {"give_up_roster_import", "DELETE", "/roster-imports/{import}", "", "director office"},
  };
}

Rows rows_of_children() {
  return {
      {"enrol_child", "POST", "/children",
       R"({"name":{"given":"Nieuw","family":"Leerling"},"birth_day":"2020-05-01","first_day":"2026-11-02"})",
       kOfficeAndHeads},
      {"see_children", "GET", "/children", "", kMembers},
      {"see_child", "GET", "/children/{child}", "",
       kOwnGuardians + "teacher care " + kOffice + kHeads + kAuditors},
      {"search_roster", "GET", "/roster-search?q=leerling", "",
       kTeachers + "care " + kOffice + kHeads},
      {"correct_child", "PATCH", "/children/{child}",
       R"({"name":{"given":"child","family":"Leerling"}})", kOfficeAndHeads},
      {"place_child", "POST", "/children/{leaver}/placements",
       R"({"group":"{other_class}","first_day":"2026-11-02"})", kOfficeAndHeads},
      {"record_departure", "POST", "/children/{leaver}/departure", R"({"last_day":"2026-12-18"})",
       kOfficeAndHeads},
      {"see_guardians", "GET", "/guardians", "", kMembers},
      {"link_guardian", "POST", "/children/{classmate}/guardians",
       R"({"account":"{spare}","relation":"guardian","authority":"with"})", kOfficeAndHeads},
      {"change_guardian", "PATCH", "/children/{classmate}/guardians/{spare}",
       R"({"authority":"without"})", kOfficeAndHeads},
      {"raise_shield", "POST", "/children/{classmate}/guardians/{spare}/shield",
       R"({"reason":"Een uitspraak"})", kOfficeAndHeads},
      {"lift_shield", "POST", "/children/{classmate}/guardians/{spare}/shield-lifting",
       R"({"reason":"Een nieuwe uitspraak"})", kOfficeAndHeads},
      {"unlink_guardian", "DELETE", "/children/{classmate}/guardians/{spare}", "", kOfficeAndHeads},
  };
}

Rows rows_of_accounts() {
  return {
      {"open_account", "POST", "/accounts",
       R"({"name":{"family":"Nieuw"},"email":"nieuw@example.org"})", kOfficeAndHeads},
      {"see_accounts", "GET", "/accounts", "", kOffice + kHeads},
      {"see_account", "GET", "/accounts/{mother}", "", "mother " + kOffice + kHeads},
      {"correct_account", "PATCH", "/accounts/{spare}",
       R"({"name":{"given":"spare","family":"Voorbeeld"}})", kOfficeAndHeads},
      {"choose_channels", "PUT", "/me/channels", R"({"mail":true})", kMembers},
      {"invite", "POST", "/invitations", R"({"account":"{invitee}"})", kOfficeAndHeads},
      {"print_letter", "GET", "/invitations/{invitation}/letter", "", kOffice + kHeads},
      {"give_role", "POST", "/accounts/{spare}/roles",
       R"({"role":"care","first_day":"2027-01-04"})", "director"},
      {"end_role", "DELETE", "/accounts/{spare}/roles/care", "", "director"},
      {"give_mandate", "POST", "/mandates",
       R"({"account":"{spare}","powers":["leave"],"first_day":"2027-01-04"})", "director"},
      {"see_mandates", "GET", "/mandates", "", kHeads},
      {"end_mandate", "DELETE", "/mandates/{spare}", "", "director"},
      {"block_account", "POST", "/accounts/{spare}/block", R"({"reason":"Gedragsregels"})",
       kHeadsWhoChange},
      {"unblock_account", "POST", "/accounts/{spare}/unblock", R"({"reason":"Excuses"})",
       kHeadsWhoChange},
      {"close_account", "POST", "/accounts/{spare}/close", R"({"last_day":"2027-07-31"})",
       kHeadsWhoChange},
      {"see_notifications", "GET", "/notifications", "", kMembers},
      {"see_audit", "GET", "/audit?subject={child}", "", kWithAuthority + kHeads + kAuditors},
      {"grant_audit", "POST", "/audit-grants",
       R"({"account":"{spare}","last_day":"2026-10-30","purpose":"Onderzoek"})", "director"},
      {"see_audit_grants", "GET", "/audit-grants", "", kHeads},
      {"end_audit_grant", "DELETE", "/audit-grants/{spare}", "", kHeadsWhoChange},
  };
}

Rows rows_of_posts_and_consent() {
  return {
      {"publish_post", "POST", "/posts",
       R"({"groups":["{class}"],"title":"Zwemles","text":"Tot dan!"})",
       "teacher " + kOfficeAndHeads},
      {"see_post", "GET", "/posts/{post}", "", kOwnGuardians + "classmate_mother teacher"},
      {"edit_post", "PATCH", "/posts/{post}", R"({"title":"Gymles"})",
       "teacher " + kHeadsWhoChange},
      {"retract_post", "POST", "/posts/{gone_post}/retraction", "{}", "teacher " + kHeadsWhoChange},
      {"see_feed", "GET", "/feed", "", kMembers},
      {"see_purposes", "GET", "/consent-purposes", "", kGuardians + kTeachers + kOffice + kHeads},
      {"add_purpose", "POST", "/consent-purposes",
       R"({"code":"website","texts":[{"language":"nl","title":"Website","text":"Mag dit?"}]})",
       kHeadsWhoChange},
      {"record_answer", "POST", "/children/{child}/consents/{purpose}/recorded-answers",
       R"({"answer":"refused","notice_version":1,"language":"nl","answered_by":"{father}","route":"paper","given_at":"2026-10-05T09:00:00+02:00"})",
       kOfficeAndHeads},
      {"answer_consent", "PUT", "/children/{child}/consents/{purpose}",
       R"({"answer":"given","notice_version":1,"language":"nl"})", kWithAuthority},
      {"see_consents", "GET", "/children/{child}/consents", "",
       kOwnGuardians + "teacher " + kOffice + kHeads + kAuditors},
      {"see_consent_history", "GET", "/children/{child}/consents/{purpose}/history", "",
       kOwnGuardians + kOffice + kHeads + kAuditors},
      {"see_consent_overview", "GET", "/consents?group={class}&purpose={purpose}", "",
       "teacher " + kOffice + kHeads},
      {"publish_notice", "POST", "/consent-purposes/{purpose}/versions",
       R"({"texts":[{"language":"nl","title":"Foto's","text":"Mag dit nog?"}]})", kHeadsWhoChange},
  };
}

Rows rows_of_erasures() {
  return {
      {"erase_subject", "POST", "/erasures", R"({"subject":"{gone_post}","ground":"request"})",
       kHeadsWhoChange},
      {"see_erasures", "GET", "/erasures", "", kHeads + "auditor_school"},
      {"see_erasure", "GET", "/erasures/{erasure}", "", kHeads + "auditor_school"},
  };
}

Rows rows_of_absence_and_leave() {
  return {
      {"report_absence", "POST", "/absences",
       R"({"children":["{child}"],"reason":"ill","first_day":"2026-11-02","last_day":"2026-11-02"})",
       kAbsenceKeepers},
      {"see_absences", "GET", "/absences?day=2026-10-05&group={class}", "",
       "teacher care " + kOffice + kHeads},
      {"see_child_absences", "GET", "/children/{child}/absences", "",
       kOwnGuardians + "teacher care " + kOffice + kHeads + kAuditors},
      {"change_absence_end", "PATCH", "/absences/{absence}", R"({"last_day":"2026-11-24"})",
       kAbsenceKeepers},
      {"classify_absence", "POST", "/absences/{absence}/classification",
       R"({"classification":"unauthorised"})", kOfficeAndHeads},
      {"withdraw_absence", "DELETE", "/absences/{gone_absence}", "", kAbsenceKeepers},
      {"report_recovery", "POST", "/absences/{begun_absence}/recovery",
       R"({"back_on":"2026-10-06"})", kAbsenceKeepers},
      {"request_leave", "POST", "/leaves",
       R"({"children":["{child}"],"ground":"other_circumstances","first_day":"2026-12-01","last_day":"2026-12-01","motivation":"Een bruiloft"})",
       kWithAuthority + kOffice},
      {"see_leaves", "GET", "/leaves", "", kOffice + kHeads},
      {"see_leave", "GET", "/leaves/{leave}", "", kWithAuthority + kOffice + kHeads},
      {"decide_leave", "POST", "/leaves/{leave}/decision",
       R"({"verdict":"refuse","reasons":"Daar is een vakantie voor"})", kHeads},
      {"withdraw_leave", "POST", "/leaves/{gone_leave}/withdrawal", "", "mother"},
      {"see_child_leaves", "GET", "/children/{child}/leaves", "",
       kWithAuthority + kOffice + kHeads + kAuditors},
      {"see_leave_balance", "GET", "/children/{child}/leave-balance?school_year=2026", "",
       kWithAuthority + kOffice + kHeads + kAuditors},
  };
}

}  // namespace

const std::vector<AccessRow>& access_table() {
  static const auto kTable = [] {
    Rows all;
    for (auto&& some :
         {rows_of_sessions(), rows_of_school(), rows_of_children(), rows_of_accounts(),
          rows_of_posts_and_consent(), rows_of_absence_and_leave(), rows_of_erasures()}) {
      all.insert(all.end(), some.begin(), some.end());
    }
    return all;
  }();
  return kTable;
}

}  // namespace klasboek::tests
