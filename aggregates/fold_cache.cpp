#include "aggregates/fold_cache.h"

#include <list>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace klasboek::aggregates {

struct FoldCache::Shelf {
  using Place = std::pair<events::SchoolId, events::Stream>;
  struct PlaceHash {
    std::size_t operator()(const Place& place) const noexcept {
      return std::hash<events::SchoolId>{}(place.first) * 31 +
             std::hash<events::Stream>{}(place.second);
    }
  };
  struct Kept {
    Place place;
    std::uint64_t version = 0;
    std::shared_ptr<const Fold> fold;
  };

  std::size_t folds_max = 0;
  std::mutex mutex;
  /// Used last first.
  std::list<Kept> order;
  std::unordered_map<Place, std::list<Kept>::iterator, PlaceHash> places;
};

FoldCache::FoldCache(std::size_t folds_max) : shelf_(std::make_unique<Shelf>()) {
  shelf_->folds_max = folds_max;
}
FoldCache::~FoldCache() = default;

std::shared_ptr<const Fold> FoldCache::find(const events::SchoolId& school,
                                            const events::Stream& stream) {
  const std::lock_guard lock(shelf_->mutex);
  const auto found = shelf_->places.find({school, stream});
  if (found == shelf_->places.end()) return nullptr;
  shelf_->order.splice(shelf_->order.begin(), shelf_->order, found->second);
  return found->second->fold;
}

void FoldCache::keep(const events::SchoolId& school, const events::Stream& stream,
                     std::uint64_t version, std::shared_ptr<const Fold> fold) {
  const Shelf::Place place{school, stream};
  const std::lock_guard lock(shelf_->mutex);
  if (const auto found = shelf_->places.find(place); found != shelf_->places.end()) {
    auto& kept = *found->second;
    if (kept.version >= version) return;
    kept.version = version;
    kept.fold = std::move(fold);
    return;
  }
  shelf_->order.push_front({place, version, std::move(fold)});
  shelf_->places.emplace(place, shelf_->order.begin());
  if (shelf_->order.size() > shelf_->folds_max) {
    shelf_->places.erase(shelf_->order.back().place);
    shelf_->order.pop_back();
  }
}

}  // namespace klasboek::aggregates
