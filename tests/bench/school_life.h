#pragma once
// What guardians and teachers of a district do, one request after another, in the proportions of a
// school year: of 100 commands 50 are answers to consent questions, 33 reports of absence (a third
// of them with a note) and 17 posts. Each visits all children and classes of all schools in a
// random order before it comes back to the same.
#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/bench/district.h"

namespace klasboek::bench {

/// Commands of one pupil in one year, by the proportions above: 6 purposes for 1.85 guardians, 7
/// absences, 16 classes with two posts a week, over 400 pupils.
inline constexpr std::size_t kCommandsPerPupilAndYear = 21;

/// One thread.
class SchoolLife {
 public:
  /// REQUIRES: the district outlives it. The same seed gives the same commands.
  SchoolLife(const District& district, std::uint64_t seed);
  /// A whole HTTP request that the product is to accept.
  std::string next();

 private:
  struct ConsentQuestion {
    std::size_t school;
    std::size_t child;
    std::size_t guardian;
    std::size_t purpose;
  };
  struct Pupil {
    std::size_t school;
    std::size_t child;
  };
  struct Class {
    std::size_t school;
    std::size_t group;
  };
  /// Goes round for ever.
  template <class T>
  struct Round {
    std::vector<T> all;
    std::size_t at = 0;
    std::size_t turn = 0;  // how often it went round before
    const T& next() {
      if (at == all.size()) {
        at = 0;
        ++turn;
      }
      return all[at++];
    }
  };

  std::string answer_consent();
  std::string report_absence();
  std::string publish_post();
  std::string request(const char* method, const std::string& path, const std::string& token,
                      const std::string& body);
  /// Made of words, about so long.
  std::string prose(std::size_t characters);

  const District& district_;
  std::mt19937_64 dice_;
  std::uint64_t key_base_;
  std::uint64_t keys_ = 0;
  Round<ConsentQuestion> questions_;
  Round<Pupil> pupils_;
  Round<Class> classes_;
};

}  // namespace klasboek::bench
