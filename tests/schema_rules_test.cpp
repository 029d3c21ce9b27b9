// What every schema of events keeps to, so that bytes that were ever written stay readable: held
// against the schemas' own text, without anything being built.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace klasboek::tests {
namespace {

using Findings = std::vector<std::string>;

/// A struct can never grow. Ids and days are what they are; each of these was thought about.
const std::set<std::string> kWholeByNature = {"Actor", "Condition", "SchoolDay", "Stream"};

std::string without_comments(const std::string& text) {
  return std::regex_replace(text, std::regex("//[^\n]*"), "");
}

struct Block {
  std::string kind;  // table, struct, enum or union
  std::string name;
  std::string attributes;  // between name and brace
  std::string body;
};

std::vector<Block> blocks_of(const std::string& schema) {
  static const std::regex kBlock(R"((table|struct|enum|union)\s+(\w+)([^{]*)\{([^}]*)\})");
  std::vector<Block> blocks;
  const auto text = without_comments(schema);
  for (auto found = std::sregex_iterator(text.begin(), text.end(), kBlock);
       found != std::sregex_iterator(); ++found) {
    blocks.push_back({(*found)[1], (*found)[2], (*found)[3], (*found)[4]});
  }
  return blocks;
}

std::vector<std::string> parts_of(const std::string& body, char separator) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (const char c : body) {
    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    if (c == separator && depth == 0) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  std::erase_if(parts, [](const std::string& part) {
    return part.find_first_not_of(" \n\t") == std::string::npos;
  });
  return parts;
}

/// Every field has a number, each once and without a gap; a union takes two, its type's and its
/// own.
void judge_table(const Block& block, const std::set<std::string>& unions, Findings& found) {
  static const std::regex kField(R"(^\s*(\w+)\s*:\s*\[?(\w+)\]?[^(]*(\(([^)]*)\))?\s*$)");
  static const std::regex kId(R"(\bid:\s*(\d+))");
  std::set<int> ids;
  for (const auto& field : parts_of(block.body, ';')) {
    std::smatch parts;
    if (!std::regex_match(field, parts, kField)) {
      found.push_back(block.name + ": can't be read: " + field);
      continue;
    }
    const std::string attributes = parts[4];
    const auto where = block.name + "." + parts[1].str();
    if (attributes.contains("required")) found.push_back(where + " is required");
    std::smatch id;
    if (!std::regex_search(attributes, id, kId)) {
      found.push_back(where + " has no id");
      continue;
    }
    const int number = std::stoi(id[1]);
    if (!ids.insert(number).second) found.push_back(where + " has the id of another");
    if (unions.contains(parts[2])) ids.insert(number - 1);
  }
  if (!ids.empty() && *ids.rbegin() + 1 != static_cast<int>(ids.size())) {
    found.push_back(block.name + " leaves out an id");
  }
}

/// Every value has its number written out, each once, in rising order.
void judge_numbers(const Block& block, Findings& found) {
  static const std::regex kValue(R"(^\s*(\w+)\s*=\s*(\d+)\s*$)");
  int last = -1;
  for (const auto& value : parts_of(block.body, ',')) {
    std::smatch parts;
    if (!std::regex_match(value, parts, kValue)) {
      found.push_back(block.name + ": has no number: " + value);
      continue;
    }
    if (std::stoi(parts[2]) <= last)
      found.push_back(block.name + "." + parts[1].str() + " is not in order");
    last = std::stoi(parts[2]);
  }
}

Findings findings_in(const std::string& schema, std::set<std::string> unions = {}) {
  Findings found;
  const auto blocks = blocks_of(schema);
  for (const auto& block : blocks) {
    if (block.kind == "union") unions.insert(block.name);
  }
  for (const auto& block : blocks) {
    if (block.kind == "table") judge_table(block, unions, found);
    if (block.kind == "enum" || block.kind == "union") judge_numbers(block, found);
    if (block.kind == "struct" && !block.attributes.contains("native_type") &&
        !kWholeByNature.contains(block.name)) {
      found.push_back(block.name + " is a struct, which can never grow");
    }
  }
  return found;
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST_CASE("every schema keeps to the rules by which old bytes stay readable") {
  int schemas = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(KLASBOEK_SOURCE_DIR "/events/schema")) {
    if (entry.path().extension() != ".fbs") continue;
    ++schemas;
    const auto found = findings_in(text_of(entry.path()), {"EventBody", "CommandBody"});
    for (const auto& one : found) UNSCOPED_INFO(entry.path().filename().string() << ": " << one);
    CHECK(found.empty());
  }
  CHECK(schemas > 10);
}

TEST_CASE("a planted break of each rule is found") {
  const auto breaks = [](const std::string& schema) { return findings_in(schema).size(); };
  CHECK(breaks("table A { a:int (id: 0); b:[ubyte] (id: 1); }") == 0);
  CHECK(breaks("union U { X = 1 } table A { u:U (id: 1); b:int (id: 2); }") == 0);
  CHECK(breaks("table A { a:int; }") == 1);
  CHECK(breaks("table A { a:int (id: 0); b:int (id: 0); }") == 1);
  CHECK(breaks("table A { a:int (id: 0); b:int (id: 2); }") == 1);
  CHECK(breaks("table A { a:string (id: 0, required); }") == 1);
  CHECK(breaks("enum E : ubyte { a = 0, b }") == 1);
  CHECK(breaks("enum E : ubyte { a = 1, b = 1 }") == 1);
  CHECK(breaks("union U { X, Y = 2 }") == 1);
  CHECK(breaks("struct S { a:int; }") == 1);
  CHECK(breaks("// table A { a:int; }\n") == 0);
}

}  // namespace
}  // namespace klasboek::tests
