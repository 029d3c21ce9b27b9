#pragma once
// What fuzzers run: the ways by which bytes from outside get into the log, into folds and into
// views, and in at the door. Each target takes any bytes, survives them, and throws Broken where a
// rule doesn't hold. Built with libFuzzer (tools/fuzz), and without it by fuzz_corpus_test, over
// the inputs that are kept in tests/fuzz/corpus.
#include <array>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string_view>

namespace klasboek::tests::fuzz {

using Input = std::span<const std::uint8_t>;

/// A rule of the program doesn't hold for an input.
class Broken : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// A record of the log: header, verification, every event in it decoded and encoded again.
void frame(Input input);
/// The same without the header, put right here: what the verification of a commit lets pass, and
/// what the ledger's rule makes of it.
void commit(Input input);
/// Events, parted by kBetween: verified, upcast, applied, decoded, and carried into every fold and
/// every view.
void envelope(Input input);
/// Records of one partition, parted by kBetween, from its genesis on: two readers come to the same
/// verdicts, and a record that comes twice is done once.
void records(Input input);

/// A request as it comes in at the door: the head, its target and query, a cursor, a body as JSON.
/// What isn't refused is clean, within its limits, and read in one way.
void request(Input input);

inline constexpr std::array<std::uint8_t, 4> kBetween = {'K', 'B', '|', '|'};

struct Target {
  std::string_view name;
  void (*run)(Input input);
};
inline constexpr std::array<Target, 5> kTargets = {{{"frame", &frame},
                                                    {"commit", &commit},
                                                    {"envelope", &envelope},
                                                    {"records", &records},
                                                    {"request", &request}}};

}  // namespace klasboek::tests::fuzz
