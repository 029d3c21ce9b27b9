#pragma once
// What a measure can't do without: it ends with the reason.
#include <rocksdb/db.h>

#include <expected>
#include <stdexcept>
#include <type_traits>

#include "events/log/ledger.h"

namespace klasboek::bench {

inline void require(const rocksdb::Status& status) {
  if (!status.ok()) throw std::runtime_error("a view's rows: " + status.ToString());
}

template <class T>
T require(std::expected<T, log::LogFault> outcome) {
  if (!outcome) throw std::runtime_error(outcome.error().message);
  if constexpr (!std::is_void_v<T>) return *std::move(outcome);
}

}  // namespace klasboek::bench
