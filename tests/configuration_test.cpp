// How the program is told what to do: file, environment, flags, in that order.
#include <catch2/catch.hpp>
#include <fstream>
#include <map>

#include "tests/support/temporary_directory.h"
#include "tools/configuration.h"

namespace klasboek::tests {
namespace {

using tools::Configuration;
using tools::read_configuration;

using Variables = std::map<std::string, std::string>;

tools::Environment environment_of(Variables variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

/// A configuration file with these lines.
class File {
 public:
  explicit File(const std::string& lines) { std::ofstream(path()) << lines; }
  [[nodiscard]] std::filesystem::path path() const { return directory_ / "klasboek.toml"; }

 private:
  TemporaryDirectory directory_;
};

TEST_CASE("flags go before the environment, and that before the file") {
  const File file("listen = \"127.0.0.1:1001\"\nlog_level = \"warn\"\ndata_dir = \"/srv/file\"\n");
  const auto read = read_configuration(
      file.path(),
      environment_of({{"KLASBOEK_LISTEN", "127.0.0.1:1002"}, {"KLASBOEK_LOG_LEVEL", "debug"}}),
      {{"listen", "127.0.0.1:1003"}});
  REQUIRE(read.has_value());
  CHECK(read->listen == "127.0.0.1:1003");
  CHECK(read->log_level == "debug");
  CHECK(read->data_dir == "/srv/file");
}

TEST_CASE("tables of the file and variables of the environment name the same settings") {
  const File file("[log]\nkind = \"kafka\"\nbrokers = \"a:9092\"\npartitions = 7\n");
  const auto read =
      read_configuration(file.path(), environment_of({{"KLASBOEK_LOG_BROKERS", "b:9092"}}), {});
  REQUIRE(read.has_value());
  CHECK(read->log_kind == "kafka");
  CHECK(read->log_brokers == "b:9092");
  CHECK(read->log_partitions == 7);
}

TEST_CASE("what is printed can be read again and says the same") {
  const File file(
      "listen = \"0.0.0.0:80\"\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]\n"
      "[log]\nkind = \"kafka\"\nbrokers = \"a:1,b:2\"\ntopic = \"t \\\"x\\\"\"\n"
      "[mail]\nserver = \"smtp://mail.example:25\"\nfrom = \"school@example.org\"\n");
  const auto read = read_configuration(file.path(), environment_of({}), {});
  REQUIRE(read.has_value());
  const auto printed = tools::print_configuration(*read);
  const File again(printed);
  const auto reread = read_configuration(again.path(), environment_of({}), {});
  INFO(printed);
  REQUIRE(reread.has_value());
  CHECK(tools::print_configuration(*reread) == printed);
  CHECK(reread->trusted_proxies == std::vector<std::string>{"10.0.0.0/8", "::1"});
  CHECK(reread->log_topic == "t \"x\"");
}

TEST_CASE("what logs in to the mail server isn't printed") {
  Configuration configuration;
  configuration.mail_server = "smtps://klas:geheim@mail.example:465";
  const auto printed = tools::print_configuration(configuration);
  CHECK_FALSE(printed.contains("geheim"));
  CHECK_FALSE(printed.contains("klas:"));
  CHECK(printed.contains("mail.example:465"));
}

}  // namespace
}  // namespace klasboek::tests
