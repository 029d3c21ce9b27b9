#pragma once
// Folds of earlier decisions, so that the next one reads only what is new. A stream only grows, so
// a fold at a version is the same whoever made it: the cache changes how fast a decision is, never
// what it is.
#include <cstdint>
#include <memory>

#include "events/stream.h"

namespace klasboek::aggregates {

/// One stream's state at one version (facts.cpp). Never changed once it is kept.
struct Fold;

/// Thread safe.
class FoldCache {
 public:
  /// A school of 400 pupils with its guardians moves some 2,000 streams on a busy morning.
  static constexpr std::size_t kFoldsMax = 16'384;

  /// Keeps at most that many, and of all those that were used last.
  explicit FoldCache(std::size_t folds_max = kFoldsMax);
  ~FoldCache();
  FoldCache(const FoldCache&) = delete;
  FoldCache& operator=(const FoldCache&) = delete;

  /// nullptr where none is kept.
  std::shared_ptr<const Fold> find(const events::SchoolId& school, const events::Stream& stream);
  /// Takes the place of an older version of the same stream; a newer one stays.
  void keep(const events::SchoolId& school, const events::Stream& stream, std::uint64_t version,
            std::shared_ptr<const Fold> fold);

 private:
  struct Shelf;
  std::unique_ptr<Shelf> shelf_;
};

}  // namespace klasboek::aggregates
