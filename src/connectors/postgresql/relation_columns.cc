#include "connectors/postgresql/relation_columns.h"

#include <algorithm>
#include <limits>

namespace voyager::postgresql {
namespace {

constexpr unsigned kNever = std::numeric_limits<unsigned>::max() / 2;
// What speaks against an answer: another name, another type; a column that is gone does not say what it was.
constexpr unsigned kOther = 4;
constexpr unsigned kGone = 1;
constexpr unsigned kGoneOther = 2;

class Search {
 public:
  Search(const Relation& message, std::span<const CatalogColumn> now,
         const std::map<std::uint32_t, std::string>& at_start)
      : message_(message), now_(now), at_start_(at_start), width_(message.columns.size() + 1) {}

  std::optional<std::vector<std::size_t>> best() {
    cost_.assign((now_.size() + 1) * width_, kNever);
    for (std::size_t i = now_.size() + 1; i-- > 0;) {
      // Behind the message's last column come those that were added since.
      cost(i, message_.columns.size()) = 0;
      for (std::size_t j = message_.columns.size(); i < now_.size() && j-- > 0;)
        cost(i, j) = std::min(taken(i, j), left_out(i, j));
    }
    if (cost(0, 0) >= kNever) return std::nullopt;
    const std::vector<std::size_t> first = way(false), last = way(true);
    for (std::size_t j = 0; j < first.size(); ++j) {
      // Which one of two that are gone it was is of no matter.
      if (first[j] != last[j] && (!now_[first[j]].dropped || !now_[last[j]].dropped)) return std::nullopt;
    }
    return first;
  }

 private:
  unsigned& cost(std::size_t i, std::size_t j) { return cost_[i * width_ + j]; }

  unsigned against(const CatalogColumn& column, const Relation::Column& said) const {
    if (column.dropped) {
      const auto before = at_start_.find(column.number);
      if (before != at_start_.end()) return before->second == said.name ? kGone : kGoneOther;
      const bool before_start = !at_start_.empty() && column.number < at_start_.rbegin()->first;
      return before_start ? kNever : kGone;
    }
    if (column.computed) return column.name == said.name ? 0 : kNever;
    return (column.name == said.name ? 0 : kOther) + (column.type == said.type ? 0 : kOther);
  }

  unsigned taken(std::size_t i, std::size_t j) {
    return std::min(kNever, against(now_[i], message_.columns[j]) + cost(i + 1, j + 1));
  }

  unsigned left_out(std::size_t i, std::size_t j) {
    return now_[i].dropped || now_[i].computed ? cost(i + 1, j) : kNever;
  }

  // The first of the answers that cost least, or the last.
  std::vector<std::size_t> way(bool last) {
    std::vector<std::size_t> out;
    for (std::size_t i = 0, j = 0; j < message_.columns.size(); ++i) {
      const unsigned take = taken(i, j), leave = left_out(i, j);
      if (take > leave || (last && take == leave)) continue;
      out.push_back(i);
      ++j;
    }
    return out;
  }

  const Relation& message_;
  const std::span<const CatalogColumn> now_;
  const std::map<std::uint32_t, std::string>& at_start_;
  const std::size_t width_;
  std::vector<unsigned> cost_ = {};
};

bool same(const Relation::Column& said, const CatalogColumn& column) {
  return said.name == column.name && said.type == column.type && said.modifier == column.modifier;
}

}  // namespace

std::optional<std::vector<std::size_t>> columns_of_message(const Relation& message, std::span<const CatalogColumn> now,
                                                           const std::map<std::uint32_t, std::string>& at_start) {
  // The message is of now, nearly always.
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < now.size() && out.size() < message.columns.size(); ++i) {
    if (!now[i].dropped && same(message.columns[out.size()], now[i])) out.push_back(i);
  }
  const auto there = [](const CatalogColumn& column) { return !column.dropped && !column.computed; };
  const auto stored = std::ranges::count_if(out, [&](std::size_t i) { return there(now[i]); });
  if (out.size() == message.columns.size() && stored == std::ranges::count_if(now, there)) return out;
  return Search(message, now, at_start).best();
}

}  // namespace voyager::postgresql
