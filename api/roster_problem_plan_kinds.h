#pragma once
// The rows of the problem table for what is seen only when a file meets the school as it is, in the
// order of the enum. Only for roster_problem_kinds.cpp.

#include <array>

#include "api/roster_problem.h"

namespace klasboek::api::roster {

inline constexpr auto kPlanKinds = [] {
  using enum Severity;
  using Code = ProblemCode;
  return std::to_array<ProblemKind>({
      {Code::child_unknown,
       "child_unknown",
       error,
       false,
       {"Pupil {key} is neither in the school nor in the roster file; this guardian is left out.",
        "Leerling {key} staat niet in de school en niet in het leerlingenbestand; deze verzorger "
        "is "
        "weggelaten."},
       {"Import the roster file first, or together with this one; check the key.",
        "Lees eerst het leerlingenbestand in, of tegelijk met dit bestand; controleer de key."}},
      {Code::too_many_guardians,
       "too_many_guardians",
       error,
       false,
       {"Pupil {key} has more than {count} guardians; this one is left out.",
        "Leerling {key} heeft meer dan {count} verzorgers; deze is weggelaten."},
       {"Check the key in the column leerling.", "Controleer de key in de kolom leerling."}},
      {Code::account_of_somebody_else,
       "account_of_somebody_else",
       warning,
       false,
       {"The e-mail address given for {key} belongs to somebody with another name; taken in "
        "without "
        "it.",
        "Het e-mailadres bij {key} hoort bij iemand met een andere naam; zonder adres ingelezen."},
       {"Give each person an address of their own, or correct the name of the account.",
        "Geef ieder een eigen adres, of verbeter de naam van het account."}},
      {Code::group_still_used,
       "group_still_used",
       warning,
       false,
       {"Group {key} is not in the file, but {count} pupils stay in it; it is not closed.",
        "Groep {key} staat niet in het bestand, maar {count} leerlingen blijven erin; ze is niet "
        "gesloten."},
       {"Place these pupils in a group of the file.",
        "Plaats deze leerlingen in een groep van het bestand."}},
      {Code::combined_group_not_planned,
       "combined_group_not_planned",
       note,
       false,
       {"{count} groups are a samengestelde_groep that is nobody's class; they are not taken in.",
        "{count} groepen zijn een samengestelde_groep die niemands klas is; ze zijn niet "
        "overgenomen."},
       {"Nothing.", "Niets."}},
  });
}();

}  // namespace klasboek::api::roster
