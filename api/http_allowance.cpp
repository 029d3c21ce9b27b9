#include "api/http_allowance.h"

namespace klasboek::api {

StreamAllowance::Share::~Share() {
  if (allowance_ != nullptr) allowance_->give_back(account_);
}

std::expected<StreamAllowance::Share, StreamAllowance::Refusal> StreamAllowance::take(
    const std::string& account) {
  const std::scoped_lock lock(mutex_);
  if (in_all_ == in_all_max_) return std::unexpected(Refusal::server_is_full);
  if (!account.empty()) {
    std::size_t& taken = per_account_[account];
    if (taken == per_account_max_) return std::unexpected(Refusal::account_has_enough);
    ++taken;
  }
  ++in_all_;
  return Share(*this, account);
}

std::size_t StreamAllowance::taken() const {
  const std::scoped_lock lock(mutex_);
  return in_all_;
}

void StreamAllowance::give_back(const std::string& account) {
  const std::scoped_lock lock(mutex_);
  --in_all_;
  const auto found = per_account_.find(account);
  if (found != per_account_.end() && --found->second == 0) per_account_.erase(found);
}

bool BodyAllowance::Share::hold(std::uint64_t bytes) {
  if (bytes <= bytes_) {
    allowance_.bytes_.fetch_sub(bytes_ - bytes);
  } else {
    const std::uint64_t more = bytes - bytes_;
    if (allowance_.bytes_.fetch_add(more) + more > allowance_.bytes_max_) {
      allowance_.bytes_.fetch_sub(more);
      return false;
    }
  }
  bytes_ = bytes;
  return true;
}

void BodyAllowance::Share::give_back() { allowance_.bytes_.fetch_sub(std::exchange(bytes_, 0)); }

}  // namespace klasboek::api
