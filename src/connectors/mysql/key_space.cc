#include "connectors/mysql/key_space.h"

#include <fmt/format.h>

#include <limits>

namespace voyager::mysql {

KeySpace::Wide KeySpace::number(const std::string& text) {
  Wide out = 0;
  for (const char c : text) {
    if (c >= '0' && c <= '9') out = out * 10 + (c - '0');
  }
  return text.starts_with('-') ? -out : out;
}

std::string KeySpace::text(Wide number) {
  return number < 0 ? fmt::format("{}", static_cast<std::int64_t>(number))
                    : fmt::format("{}", static_cast<std::uint64_t>(number));
}

KeySpace::KeySpace(const std::string& least, const std::string& most) : least_(number(least)) {
  const Wide count = number(most) - least_ + 1;
  // The state keeps units as signed numbers.
  if (count <= std::numeric_limits<std::int64_t>::max()) units_ = static_cast<std::uint64_t>(count);
}

KeyRange KeySpace::range(std::uint64_t begin, std::uint64_t end) const {
  KeyRange out;
  if (begin > 0) out.from = text(least_ + begin);
  // Nothing is behind the largest value.
  if (end < units_) out.below = text(least_ + end);
  return out;
}

const KeySpace& KeySpaces::space_of(const ConvertedTable& table, Connection& connection) {
  {
    const base::MutexLock lock(mutex_);
    const auto known = spaces_.find(table.table.name);
    if (known != spaces_.end()) return known->second;
  }
  const std::string key = quoted_name(table.columns[static_cast<std::size_t>(table.cut_column)].source_name);
  const Result row = connection.query(
      fmt::format("SELECT min({0}), max({0}) FROM {1}", key, quoted_name(table.source_name)), "measure a table");
  const KeySpace space = row.is_null(0, 0) ? KeySpace() : KeySpace(row.string(0, 0), row.string(0, 1));
  const base::MutexLock lock(mutex_);
  return spaces_.emplace(table.table.name, space).first->second;
}

}  // namespace voyager::mysql
