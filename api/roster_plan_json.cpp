// A plan as JSON, for the page and for programs: lists under the names of the members of Plan.
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "api/access.h"
#include "api/json_writer.h"
#include "api/roster_plan.h"
#include "api/wire_names.h"

namespace klasboek::api::roster {
namespace {

std::string_view name_of(ProposalKind kind) {
  switch (kind) {
    case ProposalKind::give_role:
      return "give_role";
    case ProposalKind::record_authority:
      return "record_authority";
    case ProposalKind::unlink_guardian:
      return "unlink_guardian";
    case ProposalKind::end_role:
      return "end_role";
    case ProposalKind::end_assignment:
      return "end_assignment";
    case ProposalKind::staff_left:
      return "staff_left";
  }
  std::unreachable();
}

class PlanJson {
 public:
  explicit PlanJson(Language language) : json_(text_), language_(language) {}

  std::string render(const Plan& plan, std::span<const Problem> reading) {
    json_.begin_object();
    json_.boolean("changes_nothing", changes_nothing(plan));
    counts(plan);
    groups(plan);
    children(plan);
    people(plan);
    guardians(plan);
    proposals(plan);
    confirmation(plan);
    json_.begin_array("problems");
    for (const Problem& problem : reading) write(problem);
    for (const Problem& problem : plan.problems) write(problem);
    json_.end_array().end_object();
    return std::move(text_);
  }

 private:
  template <class List, class Write>
  void list(std::string_view name, const List& items, Write write_item) {
    json_.begin_array(name);
    for (const auto& item : items) {
      json_.begin_object();
      write_item(item);
      json_.end_object();
    }
    json_.end_array();
  }

  void counts(const Plan& plan) {
    json_.begin_object("counts");
    number("groups_added", plan.groups_added.size());
    number("groups_renamed", plan.groups_renamed.size());
    number("groups_closed", plan.groups_closed.size());
    number("children_added", plan.children_added.size());
    number("children_corrected", plan.children_corrected.size());
    number("children_moved", plan.children_moved.size());
    number("children_left", plan.children_left.size());
    number("children_unchanged", plan.children_unchanged);
    number("recognised", plan.recognised.size());
    number("accounts_opened", plan.accounts_opened.size());
    number("accounts_corrected", plan.accounts_corrected.size());
    number("staff", plan.staff.size());
    number("guardians_linked", plan.guardians_linked.size());
    number("guardians_changed", plan.guardians_changed.size());
    number("proposals", plan.proposals.size());
    json_.end_object();
  }

  void number(std::string_view name, std::size_t value) {
    json_.integer(name, static_cast<std::int64_t>(value));
  }

  void write(std::string_view name, const PersonName& person) {
    json_.begin_object(name)
        .text("given", person.given)
        .text("prefix", person.prefix)
        .text("family", person.family)
        .end_object();
  }

  void write(std::string_view name, const std::optional<Day>& day) {
    if (day) json_.key(name).day(*day);
  }

  template <class AnId>
  void write_id(const std::optional<AnId>& id) {
    if (id) json_.text("id", events::to_text(*id));
  }

  void write(std::string_view name, const GroupRef& group) {
    json_.begin_object(name);
    members(group);
    json_.end_object();
  }

  void members(const GroupRef& group) {
    write_id(group.id);
    json_.text("key", group.key).text("name", group.name);
  }

  void write(std::string_view name, const ChildRef& child) {
    json_.begin_object(name);
    write_id(child.id);
    json_.text("key", child.key);
    write("name", child.name);
    json_.end_object();
  }

  void write(std::string_view name, const PersonRef& person) {
    json_.begin_object(name);
    write_id(person.id);
    if (!person.id) number("opened", person.opened);
    write("name", person.name);
    json_.end_object();
  }

  void write(Where where) { json_.integer("file", where.file).integer("line", where.line); }

  void write_phones(const std::vector<std::string>& phones) {
    json_.begin_array("phones");
    for (const std::string& phone : phones) json_.text(phone);
    json_.end_array();
  }

  void groups(const Plan& plan) {
    list("groups_added", plan.groups_added, [this](const GroupAdded& item) {
      json_.text("key", item.key).text("name", item.name);
      write(item.where);
    });
    list("groups_renamed", plan.groups_renamed, [this](const GroupRenamed& item) {
      write("group", item.group);
      json_.text("name", item.name);
      write(item.where);
    });
    list("groups_closed", plan.groups_closed, [this](const GroupRef& item) { members(item); });
  }

  void children(const Plan& plan) {
    list("children_added", plan.children_added, [this](const ChildAdded& item) {
      json_.text("key", item.key);
      write("name", item.name);
      write("birth_day", item.birth_day);
      if (item.class_group) write("class_group", *item.class_group);
      write(item.where);
    });
    list("children_corrected", plan.children_corrected, [this](const ChildCorrected& item) {
      write("child", item.child);
      if (item.name) write("name", *item.name);
      write("birth_day", item.birth_day);
      write(item.where);
    });
    list("children_moved", plan.children_moved, [this](const ChildMoved& item) {
      write("child", item.child);
      if (item.from) write("from", *item.from);
      write("to", item.to);
      write(item.where);
    });
    list("children_left", plan.children_left, [this](const ChildLeft& item) {
      write("child", item.child);
      if (item.from) write("from", *item.from);
    });
  }

  void people(const Plan& plan) {
    list("recognised", plan.recognised, [this](const Recognised& item) {
      json_.text("key", item.key);
      std::visit([this](const auto& id) { json_.text("id", events::to_text(id)); }, item.id);
      write(item.where);
    });
    list("accounts_opened", plan.accounts_opened, [this](const AccountOpened& item) {
      write("name", item.name);
      json_.text("email", item.email);
      write_phones(item.phones);
      write(item.where);
    });
    list("accounts_corrected", plan.accounts_corrected, [this](const AccountCorrected& item) {
      write("person", item.person);
      if (item.name) write("name", *item.name);
      if (item.email) json_.text("email", *item.email);
      if (item.phones) write_phones(*item.phones);
      write(item.where);
    });
    list("staff", plan.staff, [this](const StaffPlanned& item) {
      write("person", item.person);
      json_.text("key", item.key).boolean("is_new", item.is_new).begin_array("roles");
      for (const Role role : item.roles) json_.text(api::name_of(role));
      json_.end_array();
      list("groups", item.groups, [this](const GroupRef& group) { members(group); });
      write(item.where);
    });
  }

  void guardians(const Plan& plan) {
    list("guardians_linked", plan.guardians_linked, [this](const GuardianLinked& item) {
      link(item);
      json_.text("authority", name_in(kAuthorities, item.authority));
      write(item.where);
    });
    list("guardians_changed", plan.guardians_changed, [this](const GuardianChanged& item) {
      link(item);
      write(item.where);
    });
  }

  template <class Item>
  void link(const Item& item) {
    write("child", item.child);
    write("guardian", item.guardian);
    json_.text("relation", name_in(kRelations, item.relation))
        .integer("household", item.household)
        .integer("contact_order", item.contact_order);
  }

  void proposals(const Plan& plan) {
    list("proposals", plan.proposals, [this](const Proposal& item) {
      json_.text("kind", name_of(item.kind));
      write("person", item.person);
      if (item.child) write("child", *item.child);
      if (item.group) write("group", *item.group);
      const bool of_role =
          item.kind == ProposalKind::give_role || item.kind == ProposalKind::end_role;
      if (of_role) json_.text("role", api::name_of(item.role));
      if (item.kind == ProposalKind::record_authority) {
        json_.text("authority", name_in(kAuthorities, item.authority));
      }
      write(item.where);
    });
  }

  void confirmation(const Plan& plan) {
    json_.key("requires_confirmation");
    if (!plan.requires_confirmation) {
      json_.null();
      return;
    }
    const Confirmation& ask = *plan.requires_confirmation;
    json_.begin_object();
    number("leavers", ask.leavers);
    number("children", ask.children);
    list("groups_left_whole", ask.groups_left_whole,
         [this](const GroupRef& group) { members(group); });
    json_.boolean("keys_missing", ask.keys_missing).end_object();
  }

  void write(const Problem& problem) {
    const ProblemKind& kind = kind_of(problem.code);
    json_.begin_object().text("code", kind.name).text("severity", name_of(kind.severity));
    write(problem.where);
    json_.text("place", problem.place)
        .text("message", message(problem, language_))
        .text("remedy", remedy(problem, language_))
        .end_object();
  }

  std::string text_;
  JsonWriter json_;
  Language language_;
};

}  // namespace

std::string to_json(const Plan& plan, std::span<const Problem> reading, Language language) {
  return PlanJson(language).render(plan, reading);
}

}  // namespace klasboek::api::roster
