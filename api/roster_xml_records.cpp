#include "api/roster_xml_records.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "api/roster_values.h"
#include "api/roster_xml_scan.h"

namespace klasboek::api::roster {
namespace {

using Code = ProblemCode;

constexpr int kPupilYearsMax = 30;

bool is_element_called(pugi::xml_node node, std::string_view name) {
  return node.type() == pugi::node_element && local_name(node.name()) == name;
}

std::string attribute_of(pugi::xml_node node, std::string_view name) {
  for (const pugi::xml_attribute attribute : node.attributes()) {
    if (local_name(attribute.name()) == name) return tidied(attribute.value());
  }
  return {};
}

// <groep key="G3"/> as the standard has it, or <groep>G3</groep> as some write it.
std::string reference_of(pugi::xml_node node) {
  std::string key = attribute_of(node, "key");
  return key.empty() ? text_of(node) : key;
}

void add_role(std::vector<StaffRole>& roles, StaffRole role) {
  const auto at = std::ranges::lower_bound(roles, role);
  if (at == roles.end() || *at != role) roles.insert(at, role);
}

void add_unique(std::vector<std::string>& keys, std::string key) {
  if (std::ranges::find(keys, key) == keys.end()) keys.push_back(std::move(key));
}

bool has(const std::vector<StaffRole>& roles, StaffRole role) {
  return std::ranges::find(roles, role) != roles.end();
}

}  // namespace

pugi::xml_node child_called(pugi::xml_node parent, std::string_view name) {
  return parent.find_child([name](pugi::xml_node node) { return is_element_called(node, name); });
}

std::vector<pugi::xml_node> children_called(pugi::xml_node parent, std::string_view name) {
  std::vector<pugi::xml_node> found;
  for (const pugi::xml_node node : parent.children()) {
    if (is_element_called(node, name)) found.push_back(node);
  }
  return found;
}

std::string text_of(pugi::xml_node node) {
  std::string text;
  for (const pugi::xml_node part : node.children()) {
    const bool is_text = part.type() == pugi::node_pcdata || part.type() == pugi::node_cdata;
    if (is_text) text += part.value();
  }
  return tidied(text);
}

Where XmlSource::where(pugi::xml_node node) const {
  if (!node) return {};
  const auto offset = std::max<std::ptrdiff_t>(node.offset_debug(), 0);
  return {.file = 0, .line = lines_.line_of(static_cast<std::size_t>(offset))};
}

void XmlSource::check_children(pugi::xml_node parent, std::string_view parent_name,
                               std::span<const ElementWord> words) {
  int rank = 0;
  for (const pugi::xml_node child : parent.children()) {
    if (child.type() != pugi::node_element) continue;
    const std::string_view name = local_name(child.name());
    if (is_never_taken_in(lower_ascii(name))) {
      problems.add_once(Code::field_not_taken_in, std::string(name), where(child));
    }
    const auto word = std::ranges::find(words, name, &ElementWord::name);
    if (word == words.end()) {
      if (is_never_taken_in(lower_ascii(name))) continue;
      problems.add_once(Code::unknown_element, std::string(parent_name) + "/" + shown_key(name),
                        where(child));
      continue;
    }
    if (word->rank < rank) {
      problems.add_once(Code::elements_out_of_order, std::string(parent_name), where(child));
    }
    rank = std::max(rank, word->rank);
  }
}

XmlRecords::NewKey XmlRecords::new_key(pugi::xml_node node, Lines& seen, KeyProblems told) {
  const Where where = source_.where(node);
  const std::string place(local_name(node.name()));
  std::string key = attribute_of(node, "key");
  if (key.empty()) {
    key = attribute_of(node, "eckid");
    if (!key.empty()) source_.problems.add_once(Code::eck_id_as_key, "eckid", where);
  }
  if (key.empty()) {
    source_.problems.add({.code = told.without, .where = where, .place = place});
    return {};
  }
  if (key.size() > kKeyBytesMax) {
    source_.problems.add(
        {.code = Code::key_too_long, .where = where, .place = place, .count = kKeyBytesMax});
    return {};
  }
  const auto [first, is_new] = seen.emplace(key, where);
  if (is_new) return {.text = std::move(key)};
  source_.problems.add({.code = told.doubled,
                        .where = where,
                        .place = place,
                        .key = std::move(key),
                        .other = first->second});
  return {.text = {}, .doubled = true};
}

void XmlRecords::read_group(pugi::xml_node node, bool combined) {
  source_.check_children(node, combined ? "samengestelde_groep" : "groep", kGroupWords);
  Group group;
  group.key = new_key(node, groups_, {Code::group_without_key, Code::doubled_group_key}).text;
  if (group.key.empty()) return;
  group.name = text_of(child_called(node, "naam"));
  group.year_group = text_of(child_called(node, "jaargroep"));
  group.combined = combined;
  group.where = source_.where(node);
  if (group.name.empty() || group.name.size() > kNameBytesMax) {
    group.name = group.key;
    source_.problems.add({.code = Code::group_without_name,
                          .where = group.where,
                          .place = "naam",
                          .key = group.key});
  }
  file_.groups.push_back(std::move(group));
}

std::optional<PersonName> XmlRecords::read_name(pugi::xml_node node, std::string_view key,
                                                Code without) {
  PersonName name;
  name.given = text_of(child_called(node, "roepnaam"));
  if (name.given.empty()) name.given = text_of(child_called(node, "voornamen"));
  if (name.given.empty()) name.given = text_of(child_called(node, "voorletters-1"));
  name.family = text_of(child_called(node, "achternaam"));
  const pugi::xml_node prefix = child_called(node, "voorvoegsel");
  name.prefix = text_of(prefix);
  if (prefix && name.prefix.empty()) {
    source_.problems.add_once(Code::empty_prefix, "voorvoegsel", source_.where(prefix));
  }
  const bool nameless = name.given.empty() && name.family.empty();
  const bool too_long =
      std::max({name.given.size(), name.prefix.size(), name.family.size()}) > kNameBytesMax;
  if (!nameless && !too_long) return name;
  source_.problems.add({.code = nameless ? without : Code::name_too_long,
                        .where = source_.where(node),
                        .place = "achternaam",
                        .key = std::string(key),
                        .count = kNameBytesMax});
  return std::nullopt;
}

void XmlRecords::read_pupil(pugi::xml_node node) {
  source_.check_children(node, "leerling", kPupilWords);
  NewKey key = new_key(node, pupils_, {Code::pupil_without_key, Code::doubled_pupil_key});
  if (key.text.empty()) {
    if (!key.doubled) ++file_.pupils_without_key;
    return;
  }
  Pupil pupil;
  pupil.key = std::move(key.text);
  pupil.where = source_.where(node);
  const auto name = read_name(node, pupil.key, Code::pupil_without_name);
  if (!name) {
    file_.left_out_pupil_keys.push_back(std::move(pupil.key));
    return;
  }
  pupil.name = *name;
  if (pupil.name.given.empty() || pupil.name.family.empty()) {
    source_.problems.add({.code = Code::pupil_name_incomplete,
                          .where = pupil.where,
                          .place = pupil.name.family.empty() ? "achternaam" : "roepnaam",
                          .key = pupil.key});
  }
  const pugi::xml_node leaving = child_called(node, "uitstroomdatum");
  if (const auto day = roster_day(text_of(leaving)); day && *day < today_) {
    source_.problems.add({.code = Code::pupil_left_already,
                          .where = source_.where(leaving),
                          .place = "uitstroomdatum",
                          .key = pupil.key});
    return;
  }
  read_birth_day(node, pupil);
  read_pupil_groups(node, pupil);
  file_.pupils.push_back(std::move(pupil));
}

void XmlRecords::read_birth_day(pugi::xml_node node, Pupil& pupil) {
  const pugi::xml_node element = child_called(node, "geboortedatum");
  const std::string text = text_of(element);
  const auto tell = [&](Code code, std::uint64_t count) {
    source_.problems.add({.code = code,
                          .where = source_.where(element ? element : node),
                          .place = "geboortedatum",
                          .key = pupil.key,
                          .count = count});
  };
  if (text.empty()) return tell(Code::birth_day_missing, 1);
  const auto day = roster_day(text);
  if (!day) return tell(Code::birth_day_impossible, 1);
  if (*day > today_) return tell(Code::birth_day_in_future, 1);
  const auto years = static_cast<int>(today_.date().year()) - static_cast<int>(day->date().year());
  if (years > kPupilYearsMax) tell(Code::birth_day_unlikely, kPupilYearsMax);
  pupil.birth_day = day;
}

void XmlRecords::read_pupil_groups(pugi::xml_node node, Pupil& pupil) {
  const pugi::xml_node own = child_called(node, "groep");
  const std::string key = reference_of(own);
  if (key.empty()) {
    source_.problems.add({.code = Code::pupil_without_group,
                          .where = pupil.where,
                          .place = "groep",
                          .key = pupil.key});
  } else if (!groups_.contains(key)) {
    source_.problems.add({.code = Code::pupil_in_unknown_group,
                          .where = source_.where(own),
                          .place = "groep",
                          .key = pupil.key});
  } else {
    pupil.group_key = key;
  }
  for (const pugi::xml_node list : children_called(node, "samengestelde_groepen")) {
    for (const pugi::xml_node reference : children_called(list, "samengestelde_groep")) {
      add_extra_group(reference, pupil);
    }
  }
  for (const pugi::xml_node reference : children_called(node, "samengestelde_groep")) {
    add_extra_group(reference, pupil);
  }
  if (!pupil.group_key.empty() && !pupil.extra_group_keys.empty()) {
    source_.problems.add_once(Code::combined_group_beside_group, "samengestelde_groep",
                              pupil.where);
  }
}

void XmlRecords::add_extra_group(pugi::xml_node reference, Pupil& pupil) {
  std::string key = reference_of(reference);
  if (key.empty() || key == pupil.group_key) return;
  if (!groups_.contains(key)) {
    source_.problems.add({.code = Code::pupil_in_unknown_extra_group,
                          .where = source_.where(reference),
                          .place = "samengestelde_groep",
                          .key = pupil.key});
    return;
  }
  add_unique(pupil.extra_group_keys, std::move(key));
}

void XmlRecords::read_staff(pugi::xml_node node) {
  source_.check_children(node, "leerkracht", kStaffWords);
  NewKey key = new_key(node, staff_, {Code::staff_without_key, Code::doubled_staff_key});
  if (key.text.empty()) {
    if (!key.doubled) ++file_.staff_without_key;
    return;
  }
  StaffMember member;
  member.key = std::move(key.text);
  member.where = source_.where(node);
  const auto name = read_name(node, member.key, Code::staff_without_name);
  if (!name) {
    file_.left_out_staff_keys.push_back(std::move(member.key));
    return;
  }
  member.name = *name;
  read_roles(node, member.key, member.roles);
  read_staff_groups(node, member);
  read_email(node, member);
  file_.staff.push_back(std::move(member));
}

void XmlRecords::read_roles(pugi::xml_node node, std::string_view key,
                            std::vector<StaffRole>& roles) {
  for (const pugi::xml_node element : children_called(node, "rol")) {
    const std::string code = text_of(element);
    if (code.empty()) continue;
    const auto role = staff_role(code);
    if (!role) {
      source_.problems.add({.code = Code::role_unknown,
                            .where = source_.where(element),
                            .place = "rol",
                            .key = std::string(key)});
    }
    add_role(roles, role.value_or(StaffRole::other));
  }
}

// A role on the link counts for that group; without one, the person's own roles do.
void XmlRecords::read_staff_groups(pugi::xml_node node, StaffMember& member) {
  const std::vector<StaffRole> own = member.roles;
  bool assumed = false;
  for (const pugi::xml_node list : children_called(node, "groepen")) {
    for (const pugi::xml_node link : list.children()) {
      const bool is_group =
          is_element_called(link, "groep") || is_element_called(link, "samengestelde_groep");
      if (!is_group) continue;
      std::string key = reference_of(link);
      if (!groups_.contains(key)) {
        source_.problems.add({.code = Code::staff_in_unknown_group,
                              .where = source_.where(link),
                              .place = "groep",
                              .key = member.key});
        continue;
      }
      std::vector<StaffRole> here;
      read_roles(link, member.key, here);
      for (const StaffRole role : here) add_role(member.roles, role);
      if (here.empty()) here = own;
      const bool assumed_here = here.empty();
      assumed = assumed || assumed_here;
      const bool teaches = assumed_here || has(here, StaffRole::teacher);
      add_unique(teaches ? member.taught_groups : member.linked_groups, std::move(key));
    }
  }
  if (!assumed) return;
  add_role(member.roles, StaffRole::teacher);
  source_.problems.add({.code = Code::role_assumed_teacher,
                        .where = member.where,
                        .place = "rol",
                        .key = member.key});
}

void XmlRecords::read_email(pugi::xml_node node, StaffMember& member) {
  const pugi::xml_node element = child_called(node, "emailadres");
  const std::string text = text_of(element);
  if (text.empty()) return;
  if (const auto address = email_address(text)) {
    member.email = *address;
    return;
  }
  source_.problems.add({.code = Code::email_not_an_address,
                        .where = source_.where(element),
                        .place = "emailadres",
                        .key = member.key});
}

void XmlRecords::take_away_shared_emails() {
  std::map<std::string, std::vector<StaffMember*>> by_email;
  for (StaffMember& member : file_.staff) {
    if (!member.email.empty()) by_email[member.email].push_back(&member);
  }
  for (const auto& [email, members] : by_email) {
    if (members.size() < 2) continue;
    source_.problems.add({.code = Code::email_shared,
                          .where = members.back()->where,
                          .place = "emailadres",
                          .count = members.size(),
                          .other = members.front()->where});
    for (StaffMember* member : members) member->email.clear();
  }
}

}  // namespace klasboek::api::roster
