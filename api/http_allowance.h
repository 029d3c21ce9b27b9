// What clients may hold of the server at a time: open streams, and bytes of bodies under way.
//
// Thread safety: all functions, from any thread. Ownership: a share gives back what it took when
// it is destroyed, and must not outlive the allowance.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace klasboek::api {

// Streams, in all and per account.
class StreamAllowance {
 public:
  enum class Refusal : std::uint8_t { server_is_full, account_has_enough };

  // One stream's place.
  class Share {
   public:
    Share(Share&& other) noexcept
        : allowance_(std::exchange(other.allowance_, nullptr)),
          account_(std::move(other.account_)) {}
    Share& operator=(Share&&) = delete;
    ~Share();

   private:
    friend class StreamAllowance;
    Share(StreamAllowance& allowance, std::string account)
        : allowance_(&allowance), account_(std::move(account)) {}

    StreamAllowance* allowance_;
    std::string account_;
  };

  StreamAllowance(std::size_t in_all_max, std::size_t per_account_max)
      : in_all_max_(in_all_max), per_account_max_(per_account_max) {}

  // `account` may be empty: then only the server's maximum counts.
  std::expected<Share, Refusal> take(const std::string& account);

  std::size_t taken() const;

 private:
  void give_back(const std::string& account);

  const std::size_t in_all_max_;
  const std::size_t per_account_max_;
  mutable std::mutex mutex_;
  std::size_t in_all_ = 0;
  std::map<std::string, std::size_t> per_account_;
};

// Bytes of request bodies that are being received or handled.
class BodyAllowance {
 public:
  // The bytes that one connection holds.
  class Share {
   public:
    explicit Share(BodyAllowance& allowance) : allowance_(allowance) {}
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share() { give_back(); }

    // Holds that many bytes in all from now on; false, and as before, when there aren't as many.
    bool hold(std::uint64_t bytes);
    void give_back();

   private:
    BodyAllowance& allowance_;
    std::uint64_t bytes_ = 0;
  };

  explicit BodyAllowance(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

 private:
  const std::uint64_t bytes_max_;
  std::atomic<std::uint64_t> bytes_{0};
};

}  // namespace klasboek::api
