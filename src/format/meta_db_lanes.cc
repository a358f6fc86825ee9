// Lanes in metainfo/meta.db.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>

#include "base/error.h"
#include "base/text.h"
#include "format/meta_db_impl.h"

namespace voyager::format {

std::optional<LaneRecord> MetaDb::lanes(std::string_view importer_role) {
  Statement row(impl_->db,
                "SELECT lanes, partition_key, overrides, keep_transactions FROM lane_rule WHERE importer_role = ?1");
  row.bind(importer_role);
  if (!row.step()) return std::nullopt;
  return LaneRecord{.lanes = static_cast<int>(row.integer(0)),
                    .partition_key = row.text(1),
                    .overrides = row.text(2),
                    .keep_transactions = row.integer(3) != 0};
}

void MetaDb::save_lanes(std::string_view importer_role, const LaneRecord& record) {
  VOY_ASSERT(record.lanes > 0);
  Statement(impl_->db,
            "INSERT INTO lane_rule VALUES (?1, ?2, ?3, ?4, ?5, 0) ON CONFLICT DO UPDATE "
            "SET lanes = ?2, partition_key = ?3, overrides = ?4, keep_transactions = ?5")
      .bind(importer_role, record.lanes, record.partition_key, record.overrides, record.keep_transactions)
      .run();
}

std::optional<LaneLedger::LaneKeys> MetaDb::lane_keys(std::string_view importer_role) {
  Statement noted(impl_->db, "SELECT keys_noted FROM lane_rule WHERE importer_role = ?1");
  noted.bind(importer_role);
  if (!noted.step()) return std::nullopt;
  Statement rows(impl_->db, "SELECT form, columns, columns IS NULL FROM lane_key WHERE importer_role = ?1");
  rows.bind(importer_role);
  LaneKeys out;
  bool any = noted.integer(0) != 0;  // A program of an earlier version notes keys alone.
  while (rows.step()) {
    any = true;
    std::optional<std::vector<std::uint32_t>>& key = out[rows.text(0)];
    if (rows.integer(2) != 0) continue;
    key.emplace();
    for (const std::string& number : base::split(rows.text(1), ',')) {
      std::uint32_t column = 0;
      std::from_chars(number.data(), number.data() + number.size(), column);
      key->push_back(column);
    }
  }
  if (!any) return std::nullopt;
  out.erase("");  // Its word for: noted.
  return out;
}

void MetaDb::save_lane_keys(std::string_view importer_role, const LaneKeys& changed,
                            const std::vector<std::string>& forgotten) {
  in_transaction([&] {
    Statement(impl_->db, "UPDATE lane_rule SET keys_noted = 1 WHERE importer_role = ?1").bind(importer_role).run();
    VOY_ASSERT(sqlite3_changes(impl_->db) == 1);
    Statement note(impl_->db, "INSERT OR REPLACE INTO lane_key VALUES (?1, ?2, ?3)");
    for (const auto& [form, key] : changed) {
      std::optional<std::string> columns;
      if (key) columns = fmt::format("{}", fmt::join(*key, ","));
      note.bind(importer_role, form, columns).run();
    }
    Statement forget(impl_->db, "DELETE FROM lane_key WHERE importer_role = ?1 AND form = ?2");
    for (const std::string& form : forgotten) forget.bind(importer_role, form).run();
  });
}

void MetaDb::clear_lanes(std::string_view importer_role) {
  in_transaction([&] {
    for (const char* table : {"lane_rule", "lane_key"}) {
      Statement(impl_->db, fmt::format("DELETE FROM {} WHERE importer_role = ?1", table)).bind(importer_role).run();
    }
  });
}

}  // namespace voyager::format
