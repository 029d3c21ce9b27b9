#include "vault/key_cache.h"

#include <algorithm>
#include <cassert>
#include <new>

namespace klasboek::vault {

namespace {
constexpr std::size_t kKeyBytes = 32;
}

void KeyCache::FreeLocked::operator()(std::uint8_t* memory) const { sodium_free(memory); }

// sodium_malloc locks what the limit allows and keeps it out of core dumps either way.
KeyCache::KeyCache(std::size_t capacity)
    : capacity_(capacity),
      memory_(static_cast<std::uint8_t*>(sodium_malloc(capacity * kKeyBytes))) {
  assert(capacity > 0);
  if (memory_ == nullptr) throw std::bad_alloc();
}

std::uint8_t* KeyCache::bytes_at(Slot slot) const { return memory_.get() + slot * kKeyBytes; }

std::optional<events::KeyBytes> KeyCache::get(const events::KeyId& id) {
  const std::lock_guard lock(mutex_);
  const auto found = slots_.find(id);
  if (found == slots_.end()) return std::nullopt;
  if (found->second != newest_) {
    unlink(found->second);
    link_newest(found->second);
  }
  return events::KeyBytes(
      std::span<const std::uint8_t, kKeyBytes>(bytes_at(found->second), kKeyBytes));
}

void KeyCache::put(const events::KeyId& id, const events::KeyBytes& bytes) {
  const std::lock_guard lock(mutex_);
  const auto found = slots_.find(id);
  const Slot slot = found != slots_.end() ? found->second : free_slot();
  if (found != slots_.end()) unlink(slot);
  links_[slot].id = id;
  slots_[id] = slot;
  link_newest(slot);
  std::ranges::copy(bytes.span(), bytes_at(slot));
}

void KeyCache::drop(const events::KeyId& id) {
  const std::lock_guard lock(mutex_);
  const auto found = slots_.find(id);
  if (found == slots_.end()) return;
  const Slot slot = found->second;
  slots_.erase(found);
  unlink(slot);
  sodium_memzero(bytes_at(slot), kKeyBytes);
  free_.push_back(slot);
}

std::size_t KeyCache::size() const {
  const std::lock_guard lock(mutex_);
  return slots_.size();
}

void KeyCache::unlink(Slot slot) {
  const Links& links = links_[slot];
  (links.newer == kNone ? newest_ : links_[links.newer].older) = links.older;
  (links.older == kNone ? oldest_ : links_[links.older].newer) = links.newer;
}

void KeyCache::link_newest(Slot slot) {
  links_[slot].newer = kNone;
  links_[slot].older = newest_;
  (newest_ == kNone ? oldest_ : links_[newest_].newer) = slot;
  newest_ = slot;
}

KeyCache::Slot KeyCache::free_slot() {
  if (!free_.empty()) {
    const Slot slot = free_.back();
    free_.pop_back();
    return slot;
  }
  if (links_.size() < capacity_) {
    links_.emplace_back();
    return static_cast<Slot>(links_.size() - 1);
  }
  const Slot slot = oldest_;
  unlink(slot);
  slots_.erase(links_[slot].id);
  return slot;
}

}  // namespace klasboek::vault
