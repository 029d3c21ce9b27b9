// A plan as people read it on a terminal: a line of numbers, then every item, one per line.
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "api/roster_plan.h"
#include "events/event.h"

namespace klasboek::api::roster {
namespace {

// A word in both languages, indexed by Language.
using Words = std::array<std::string_view, 2>;

constexpr Words kGroups = {"Groups", "Groepen"};
constexpr Words kPupils = {"Pupils", "Leerlingen"};
constexpr Words kAccounts = {"People with an account", "Mensen met een account"};
constexpr Words kStaff = {"Staff", "Personeel"};
constexpr Words kGuardians = {"Guardians", "Verzorgers"};
constexpr Words kProposals = {"Proposed: somebody has to decide on each of these",
                              "Voorgesteld: over elk hiervan moet iemand beslissen"};
constexpr Words kNothing = {"Nothing changes.", "Er verandert niets."};
constexpr Words kCloses = {"closes", "sluit"};
constexpr Words kLeaves = {"leaves", "vertrekt"};
constexpr Words kBorn = {"born", "geboren"};
constexpr Words kNoClass = {"no class", "geen klas"};
constexpr Words kByLetter = {"no e-mail address: invite by letter",
                             "geen e-mailadres: nodig uit per brief"};
constexpr Words kKnown = {"known already, recognised by name", "al bekend, herkend aan de naam"};
constexpr Words kOf = {"of", "van"};
constexpr Words kHousehold = {"household", "huishouden"};
constexpr Words kCallFirst = {"to call as number", "te bellen als nummer"};
constexpr Words kBefore = {"before", "voor"};

Words word_for(Role role) {
  switch (role) {
    case Role::director:
      return {"director", "directeur"};
    case Role::deputy:
      return {"deputy", "adjunct"};
    case Role::office:
      return {"office", "administratie"};
    case Role::care:
      return {"care", "zorg"};
    case Role::teacher:
      return {"teacher", "leerkracht"};
    case Role::none:
    case Role::guardian:
    case Role::pupil:
    case Role::class_parent:
    case Role::board:
    case Role::reporter:
    case Role::operator_:
    case Role::auditor:
    case Role::system:
      break;
  }
  return {"–", "–"};  // no import speaks of these
}

Words word_for(Relation relation) {
  switch (relation) {
    case Relation::unknown:
      return {"relation unknown", "relatie onbekend"};
    case Relation::mother:
      return {"mother", "moeder"};
    case Relation::father:
      return {"father", "vader"};
    case Relation::guardian:
      return {"guardian", "verzorger"};
    case Relation::foster_parent:
      return {"foster parent", "pleegouder"};
    case Relation::step_parent:
      return {"step-parent", "stiefouder"};
    case Relation::contact:
      return {"contact", "contactpersoon"};
    case Relation::other:
      return {"other", "anders"};
  }
  std::unreachable();
}

Words word_for(Authority authority) {
  switch (authority) {
    case Authority::unknown:
      return {"authority unknown", "gezag onbekend"};
    case Authority::with:
      return {"with authority", "met gezag"};
    case Authority::without:
      return {"without authority", "zonder gezag"};
  }
  std::unreachable();
}

class PlanText {
 public:
  explicit PlanText(Language language) : language_(language) {}

  std::string render(const Plan& plan) {
    numbers(plan);
    groups(plan);
    pupils(plan);
    accounts(plan);
    staff(plan);
    guardians(plan);
    proposals(plan);
    confirmation(plan);
    return std::move(text_);
  }

 private:
  std::string_view say(const Words& words) const { return words.at(std::to_underlying(language_)); }

  void line(std::string_view sign, std::string_view item) {
    text_.append("  ").append(sign).append(" ").append(item).append("\n");
  }

  void heading(const Words& words, bool needed) {
    if (needed) text_.append("\n").append(say(words)).append("\n");
  }

  std::string class_name(const std::optional<GroupRef>& group) const {
    return group ? group->name : std::string(say(kNoClass));
  }

  void numbers(const Plan& plan) {
    if (changes_nothing(plan)) {
      text_.append(say(kNothing)).append("\n");
      return;
    }
    const auto count = [this](std::size_t number, const Words& words) {
      text_.append(std::to_string(number)).append(" ").append(say(words)).append(", ");
    };
    text_.append(say(kPupils)).append(": ");
    count(plan.children_added.size(), {"new", "nieuw"});
    count(plan.children_corrected.size(), {"corrected", "verbeterd"});
    count(plan.children_moved.size(), {"moved", "verplaatst"});
    count(plan.children_left.size(), {"leave", "vertrekken"});
    count(plan.children_unchanged, {"unchanged", "ongewijzigd"});
    text_.replace(text_.size() - 2, 2, ".\n");
  }

  void groups(const Plan& plan) {
    heading(kGroups, !plan.groups_added.empty() || !plan.groups_renamed.empty() ||
                         !plan.groups_closed.empty());
    for (const GroupAdded& group : plan.groups_added) line("+", group.name);
    for (const GroupRenamed& item : plan.groups_renamed) {
      line("~", item.group.name + " → " + item.name);
    }
    for (const GroupRef& group : plan.groups_closed) {
      line("-", group.name + ": " + std::string(say(kCloses)));
    }
  }

  void pupils(const Plan& plan) {
    heading(kPupils, !plan.children_added.empty() || !plan.children_corrected.empty() ||
                         !plan.children_moved.empty() || !plan.children_left.empty());
    for (const ChildAdded& child : plan.children_added) {
      line("+", child.name.full() + ", " + class_name(child.class_group) + born(child.birth_day));
    }
    for (const ChildCorrected& item : plan.children_corrected) {
      std::string change = item.child.name.full();
      if (item.name) change += " → " + item.name->full();
      line("~", change + born(item.birth_day));
    }
    for (const ChildMoved& item : plan.children_moved) {
      line(">", item.child.name.full() + ": " + class_name(item.from) + " → " + item.to.name);
    }
    for (const ChildLeft& item : plan.children_left) {
      line("-", item.child.name.full() + ", " + class_name(item.from) + ": " +
                    std::string(say(kLeaves)));
    }
  }

  std::string born(std::optional<Day> day) const {
    if (!day) return {};
    return ", " + std::string(say(kBorn)) + " " + events::to_text(*day);
  }

  void accounts(const Plan& plan) {
    heading(kAccounts, !plan.accounts_opened.empty() || !plan.accounts_corrected.empty() ||
                           !plan.recognised.empty());
    for (const AccountOpened& item : plan.accounts_opened) {
      line("+", item.name.full() + ", " +
                    (item.email.empty() ? std::string(say(kByLetter)) : item.email));
    }
    for (const AccountCorrected& item : plan.accounts_corrected) {
      std::string change = item.person.name.full();
      if (item.name) change += " → " + item.name->full();
      if (item.email) change += ", " + *item.email;
      if (item.phones) {
        for (const std::string& phone : *item.phones) change += ", " + phone;
      }
      line("~", change);
    }
    if (!plan.recognised.empty()) {
      line("=", std::to_string(plan.recognised.size()) + " " + std::string(say(kKnown)));
    }
  }

  void staff(const Plan& plan) {
    heading(kStaff, !plan.staff.empty());
    for (const StaffPlanned& item : plan.staff) {
      std::string words = item.person.name.full();
      for (const Role role : item.roles) words += ", " + std::string(say(word_for(role)));
      for (const GroupRef& group : item.groups) {
        words += ", " + std::string(say(kBefore)) + " " + group.name;
      }
      line(item.is_new ? "+" : "~", words);
    }
  }

  void guardians(const Plan& plan) {
    heading(kGuardians, !plan.guardians_linked.empty() || !plan.guardians_changed.empty());
    for (const GuardianLinked& item : plan.guardians_linked) {
      line("+", pair(item.guardian, item.child) + ": " + std::string(say(word_for(item.relation))) +
                    ", " + std::string(say(word_for(item.authority))) +
                    place(item.household, item.contact_order));
    }
    for (const GuardianChanged& item : plan.guardians_changed) {
      line("~", pair(item.guardian, item.child) + ": " + std::string(say(word_for(item.relation))) +
                    place(item.household, item.contact_order));
    }
  }

  std::string pair(const PersonRef& guardian, const ChildRef& child) const {
    return guardian.name.full() + " " + std::string(say(kOf)) + " " + child.name.full();
  }

  std::string place(std::uint8_t household, std::uint8_t contact_order) const {
    return ", " + std::string(say(kHousehold)) + " " + std::to_string(household) + ", " +
           std::string(say(kCallFirst)) + " " + std::to_string(contact_order);
  }

  void proposals(const Plan& plan) {
    heading(kProposals, !plan.proposals.empty());
    for (const Proposal& item : plan.proposals) line("?", sentence(item));
  }

  std::string sentence(const Proposal& item) const {
    const std::string who = item.person.name.full();
    const std::string child = item.child ? item.child->name.full() : std::string();
    const std::string role(say(word_for(item.role)));
    const std::string group = class_name(item.group);
    const bool dutch = language_ == Language::dutch;
    switch (item.kind) {
      case ProposalKind::give_role:
        return who + (dutch ? " wordt " : " becomes ") + role;
      case ProposalKind::record_authority:
        return who + " " + std::string(say(kOf)) + " " + child + ": " +
               std::string(say(word_for(item.authority)));
      case ProposalKind::unlink_guardian:
        return who + (dutch ? " is geen verzorger meer van " : " is no guardian any more of ") +
               child;
      case ProposalKind::end_role:
        return who + (dutch ? " is niet meer: " : " is no longer: ") + role;
      case ProposalKind::end_assignment:
        return who + (dutch ? " staat niet meer voor " : " is no longer before ") + group;
      case ProposalKind::staff_left:
        return who + (dutch ? " werkt niet meer op school" : " works at the school no longer");
    }
    std::unreachable();
  }

  void confirmation(const Plan& plan) {
    if (!plan.requires_confirmation) return;
    const Confirmation& ask = *plan.requires_confirmation;
    const bool dutch = language_ == Language::dutch;
    const std::string leavers = std::to_string(ask.leavers);
    const std::string children = std::to_string(ask.children);
    text_ += dutch ? "\nLet op: " + leavers + " van de " + children + " leerlingen vertrekken.\n"
                   : "\nMind: " + leavers + " of " + children + " pupils leave.\n";
    for (const GroupRef& group : ask.groups_left_whole) {
      text_ += dutch ? "Heel " + group.name + " vertrekt.\n" : "All of " + group.name + " leave.\n";
    }
    if (ask.keys_missing) {
      text_ += dutch ? "Het bestand heeft leerlingen zonder key: zij kunnen hierbij zitten.\n"
                     : "The file has pupils without a key: they may be among these.\n";
    }
    text_ += dutch ? "Bevestig dit met het aantal, " + leavers + ".\n"
                   : "Confirm this by the number, " + leavers + ".\n";
  }

  Language language_;
  std::string text_;
};

}  // namespace

std::string render_plan(const Plan& plan, Language language) {
  return PlanText(language).render(plan);
}

}  // namespace klasboek::api::roster
