#pragma once
// A view: a fold of the log into rows. It is a function of commits only (no clock, no key, no
// settings), so that it can be thrown away and made again to the same bytes.
#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/commit.h"

namespace klasboek::projections {

/// The rows of one view for one school, to read. Keys are within the school; rows of another school
/// can't be reached.
class RowSource {
 public:
  RowSource() = default;
  RowSource(const RowSource&) = delete;
  RowSource& operator=(const RowSource&) = delete;
  virtual ~RowSource() = default;

  virtual std::optional<std::string> get(std::string_view key) = 0;
  /// Rows whose key begins with the prefix, in the order of their keys, until visit answers false.
  /// The rows must not be written to in between: collect first, then write.
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;
  virtual void scan(std::string_view prefix, const Visit& visit) = 0;
};

/// The rows as a fold sees them: what it wrote before is there.
class ViewRows : public RowSource {
 public:
  virtual void put(std::string_view key, std::string_view value) = 0;
  virtual void erase(std::string_view key) = 0;
};

/// One view. Stateless: all it knows is in its rows.
class View {
 public:
  View() = default;
  View(const View&) = delete;
  View& operator=(const View&) = delete;
  virtual ~View() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// Rises with every change of keys, values or meaning: the view is then made anew.
  [[nodiscard]] virtual std::uint32_t version() const = 0;
  virtual void on(const events::RecordedEvent& event, ViewRows& rows) const = 0;
};

/// Makes a View of a struct with kName, kVersion and, for each event it handles,
/// `static void on(const events::X&, const events::RecordedEvent&, ViewRows&)`.
template <class Fold>
class ViewOf final : public View {
 public:
  [[nodiscard]] std::string_view name() const override { return Fold::kName; }
  [[nodiscard]] std::uint32_t version() const override { return Fold::kVersion; }
  void on(const events::RecordedEvent& event, ViewRows& rows) const override {
    std::visit(
        [&](const auto& body) {
          if constexpr (requires { Fold::on(body, event, rows); }) Fold::on(body, event, rows);
        },
        event.body);
  }
};

/// Every view of this program, in one order.
const std::vector<std::unique_ptr<View>>& all_views();

}  // namespace klasboek::projections
