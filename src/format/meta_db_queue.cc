// The queue in metainfo/meta.db: segments and how many changes are in them.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "format/meta_db_impl.h"

namespace voyager::format {
namespace {

constexpr std::int64_t kBucketSeconds = 10;
constexpr std::array<std::string_view, 3> kImporters = {"target_db_importer", "source_replica_db_importer",
                                                        "source_db_importer"};

constexpr const char* kSelect =
    "SELECT segment_no, exporter_role, size_committed, first_vsn, next_vsn, position, total_events, closed, "
    "imported_by_target_db_importer, imported_by_source_replica_db_importer, imported_by_source_db_importer, archived, "
    "deleted, archive_location FROM queue_segment_meta ";

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return out;
}

std::string bytes_of_hex(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    unsigned value = 0;
    std::from_chars(text.data() + i, text.data() + i + 2, value, 16);
    out += static_cast<char>(value);
  }
  return out;
}

SegmentRow row_of(const Statement& row) {
  SegmentRow out{.number = static_cast<std::uint64_t>(row.integer(0)),
                 .exporter_role = row.text(1),
                 .bytes_safe = static_cast<std::uint64_t>(row.integer(2)),
                 .first_vsn = row.integer(3),
                 .next_vsn = row.integer(4),
                 .position = {bytes_of_hex(row.text(5))},
                 .changes = static_cast<std::uint64_t>(row.integer(6)),
                 .closed = row.integer(7) != 0,
                 .archived = row.integer(11) != 0,
                 .deleted = row.integer(12) != 0,
                 .archive_location = row.text(13)};
  for (std::size_t i = 0; i < kImporters.size(); ++i) {
    if (row.integer(8 + static_cast<int>(i)) != 0) out.imported_by.emplace_back(kImporters[i]);
  }
  return out;
}

}  // namespace

ChangeCounts& ChangeCounts::operator+=(const ChangeCounts& other) {
  inserts += other.inserts;
  updates += other.updates;
  deletes += other.deletes;
  total += other.total;
  return *this;
}

std::vector<SegmentRow> MetaDb::segments() {
  Statement rows(impl_->db, fmt::format("{} ORDER BY segment_no", kSelect));
  std::vector<SegmentRow> out;
  while (rows.step()) out.push_back(row_of(rows));
  return out;
}

std::optional<SegmentRow> MetaDb::last_segment() {
  Statement rows(impl_->db, fmt::format("{} ORDER BY segment_no DESC LIMIT 1", kSelect));
  return rows.step() ? std::optional(row_of(rows)) : std::nullopt;
}

void MetaDb::add_segment(std::uint64_t number, std::int64_t first_vsn, std::string_view exporter_role,
                         const model::Position& position) {
  Statement(impl_->db,
            "INSERT INTO queue_segment_meta (segment_no, file_path, exporter_role, first_vsn, next_vsn, position) "
            "VALUES (?1, ?2, ?3, ?4, ?4, ?5) ON CONFLICT DO NOTHING")
      .bind(number, fmt::format("data/queue/segment.{}", number), exporter_role, first_vsn, hex(position.bytes))
      .run();
}

void MetaDb::note_synced(const SegmentRow& segment, std::string_view run,
                         const std::map<model::TableName, ChangeCounts>& counts) {
  const auto note = [&] {
    Statement(impl_->db,
              "UPDATE queue_segment_meta SET size_committed = ?2, next_vsn = ?3, position = ?4, total_events = ?5, "
              "closed = ?6 WHERE segment_no = ?1")
        .bind(segment.number, segment.bytes_safe, segment.next_vsn, hex(segment.position.bytes), segment.changes,
              segment.closed)
        .run();
    ChangeCounts all;
    Statement table(impl_->db,
                    "INSERT INTO exported_events_stats_per_table VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) "
                    "ON CONFLICT DO UPDATE SET num_total = num_total + ?4, num_inserts = num_inserts + ?5, "
                    "num_updates = num_updates + ?6, num_deletes = num_deletes + ?7");
    for (const auto& [name, one] : counts) {
      all += one;
      table
          .bind(segment.exporter_role, name.schema.catalog_text(), name.name.catalog_text(), one.total, one.inserts,
                one.updates, one.deletes)
          .run();
    }
    if (all.total == 0) return;
    const std::int64_t now =
        std::chrono::duration_cast<std::chrono::seconds>(base::system_clock().wall().time_since_epoch()).count();
    Statement(impl_->db,
              "INSERT INTO exported_events_stats VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) "
              "ON CONFLICT DO UPDATE SET num_total = num_total + ?4, num_inserts = num_inserts + ?5, "
              "num_updates = num_updates + ?6, num_deletes = num_deletes + ?7")
        .bind(run, segment.exporter_role, now - now % kBucketSeconds, all.total, all.inserts, all.updates, all.deletes)
        .run();
  };
  // The capture does not wait for the disk twice for what it has in hand: the segment tells what it holds.
  if (segment.closed) return in_transaction(note);
  impl_->without_waiting_for_disk([&] { in_transaction(note); });
}

void MetaDb::note_imported(std::uint64_t number, std::string_view importer_role) {
  VOY_ASSERT(std::ranges::find(kImporters, importer_role) != kImporters.end());
  Statement(impl_->db,
            fmt::format("UPDATE queue_segment_meta SET imported_by_{} = 1 WHERE segment_no = ?1", importer_role))
      .bind(number)
      .run();
}

void MetaDb::forget_imported(std::string_view importer_role, std::int64_t applied) {
  if (std::ranges::find(kImporters, importer_role) == kImporters.end()) return;
  Statement(impl_->db,
            fmt::format("UPDATE queue_segment_meta SET imported_by_{} = 0 WHERE next_vsn > ?1 + 1", importer_role))
      .bind(applied)
      .run();
}

void MetaDb::note_put_away(std::uint64_t number, const std::string& archive_location) {
  Statement(impl_->db,
            "UPDATE queue_segment_meta SET archived = ?2, deleted = 1, archive_location = ?3 WHERE segment_no = ?1")
      .bind(number, !archive_location.empty(), archive_location)
      .run();
}

std::map<model::TableName, ChangeCounts> MetaDb::exported(std::string_view exporter_role) {
  Statement rows(impl_->db,
                 "SELECT schema_name, table_name, num_inserts, num_updates, num_deletes, num_total "
                 "FROM exported_events_stats_per_table WHERE exporter_role = ?1");
  rows.bind(exporter_role);
  std::map<model::TableName, ChangeCounts> out;
  while (rows.step()) {
    out[name_of(rows, 0)] = {.inserts = static_cast<std::uint64_t>(rows.integer(2)),
                             .updates = static_cast<std::uint64_t>(rows.integer(3)),
                             .deletes = static_cast<std::uint64_t>(rows.integer(4)),
                             .total = static_cast<std::uint64_t>(rows.integer(5))};
  }
  return out;
}

ChangeCounts MetaDb::exported_since(std::string_view exporter_role, std::int64_t unix_seconds) {
  Statement row(impl_->db,
                "SELECT total(num_inserts), total(num_updates), total(num_deletes), total(num_total) "
                "FROM exported_events_stats WHERE exporter_role = ?1 AND timestamp >= ?2");
  row.bind(exporter_role, unix_seconds).step();
  return {.inserts = static_cast<std::uint64_t>(row.integer(0)),
          .updates = static_cast<std::uint64_t>(row.integer(1)),
          .deletes = static_cast<std::uint64_t>(row.integer(2)),
          .total = static_cast<std::uint64_t>(row.integer(3))};
}

void MetaDb::clear_queue() {
  impl_->exec(
      "DELETE FROM queue_segment_meta; DELETE FROM exported_events_stats; DELETE FROM exported_events_stats_per_table",
      "cannot forget the queue");
}

}  // namespace voyager::format
