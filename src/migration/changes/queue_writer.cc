#include "migration/changes/queue_writer.h"

#include <utility>

#include "base/error.h"
#include "base/fault_point.h"

namespace voyager::migration {

using model::ChangeKind;

QueueWriter::QueueWriter(QueueWriterOptions options) : options_(std::move(options)), db_(options_.export_dir) {
  std::filesystem::create_directories(format::segment_path(options_.export_dir, 0).parent_path());
  const std::optional<format::SegmentRow> last = ledger_.last_segment();
  changes_before_ = db_.exported_since(options_.exporter_role, 0).total;
  if (!last) {
    begin_segment(0, 1);
    return;
  }
  // Another exporter's positions mean nothing here.
  const bool ours = last->exporter_role == options_.exporter_role;
  if (ours) position_ = last->position;
  if (last->closed || !ours) {
    begin_segment(last->number + 1, last->next_vsn);
    return;
  }
  const std::filesystem::path path = format::segment_path(options_.export_dir, last->number);
  if (!std::filesystem::exists(path)) {
    // The state was told first. A file that held something must not be missing.
    if (last->bytes_safe > 0) {
      throw base::Error({.code = "DIR-006",
                         .exit = base::ExitCode::kState,
                         .title = "a file of the queue is missing: " + path.string(),
                         .fix = {"put it back; if it is lost, begin the migration again"}});
    }
    begin_segment(last->number, last->first_vsn);
    return;
  }
  writer_.emplace(format::SegmentWriter::resume(path, last->bytes_safe));
  if (!writer_->end().position.bytes.empty()) position_ = writer_->end().position;
  if (writer_->next_vsn() > last->next_vsn) count_from(path, last->next_vsn);
  note_end(writer_->closed());
  if (writer_->closed()) begin_segment(last->number + 1, writer_->next_vsn());
}

// An earlier run wrote these changes and did not live to count them.
void QueueWriter::count_from(const std::filesystem::path& path, std::int64_t vsn) {
  format::SegmentReader reader(path);
  reader.seek(vsn);
  format::SegmentBlock block;
  while (reader.next(block)) {
    std::int64_t at = block.first_vsn;
    std::string_view records = block.records;
    while (const std::optional<model::ChangeOutline> one = model::outline(records)) {
      const bool numbered = one->kind >= ChangeKind::kInsert;
      if (!numbered || at >= vsn) count(records.substr(0, one->size));
      at += numbered ? 1 : 0;
      records.remove_prefix(one->size);
    }
  }
  changes_before_ += std::exchange(changes_, 0);
}

void QueueWriter::begin_segment(std::uint64_t number, std::int64_t first_vsn) {
  ledger_.add_segment(number, first_vsn, options_.exporter_role, position_);
  base::fault_point<"live.segment_noted">();  // the state knows a segment of the queue, its file is not there
  writer_.emplace(format::SegmentWriter::create(format::segment_path(options_.export_dir, number),
                                                {.number = number,
                                                 .first_vsn = first_vsn,
                                                 .migration = options_.migration,
                                                 .exporter_role = options_.exporter_role},
                                                writer_ ? &*writer_ : nullptr));
}

void QueueWriter::count(std::string_view records) {
  while (const std::optional<model::ChangeOutline> one = model::outline(records)) {
    const std::string_view record = records.substr(0, one->size);
    records.remove_prefix(one->size);
    if (one->kind == ChangeKind::kTable) {
      model::ChangeTables described;
      model::ChangeReader reader(record, described);
      model::Change change;
      if (reader.next(change)) names_[one->table] = change.table->name;
      continue;
    }
    if (one->kind < ChangeKind::kInsert || one->kind > ChangeKind::kDelete) continue;
    format::ChangeCounts& counts = counts_by_table_[one->table];
    ++counts.total;
    ++changes_;
    counts.inserts += one->kind == ChangeKind::kInsert ? 1 : 0;
    counts.updates += one->kind == ChangeKind::kUpdate ? 1 : 0;
    counts.deletes += one->kind == ChangeKind::kDelete ? 1 : 0;
  }
}

void QueueWriter::append(std::string_view records, const model::Position& end) {
  if (records.empty()) return;
  writer_->append(records, end);
  position_ = end;
  bytes_since_sync_ += records.size();
  count(records);
}

void QueueWriter::control(std::string_view text, const model::Position& end) {
  std::string record;
  model::ChangeWriter(record).control(text);
  append(record, end);
}

void QueueWriter::note_end(bool closed) {
  unnoted_ = false;
  const format::SegmentEnd& end = writer_->end();
  std::map<model::TableName, format::ChangeCounts> counts;
  for (const auto& [table, one] : std::exchange(counts_by_table_, {})) counts[names_[table]] += one;
  for (const auto& [table, one] : counts) by_table_[table] += one;
  ledger_.note_synced({.number = writer_->header().number,
                       .exporter_role = options_.exporter_role,
                       .bytes_safe = end.bytes,
                       .next_vsn = end.next_vsn,
                       .position = position_,
                       .changes = writer_->totals().changes,
                       .closed = closed},
                      options_.run, counts);
}

void QueueWriter::sync() {
  if (bytes_since_sync_ == 0) return;
  const std::uint64_t bytes = writer_->sync().bytes;
  base::fault_point<"live.synced">();  // changes are safe in a segment, the state does not know it
  bytes_since_sync_ = 0;
  unnoted_ = true;
  if (bytes < options_.segment_bytes_max) return;
  close();
  begin_segment(writer_->header().number + 1, writer_->next_vsn());
}

void QueueWriter::note() {
  sync();  // Position and counts are those of everything appended.
  if (!unnoted_) return;
  note_end(false);
  base::fault_point<"live.noted">();  // the state knows them, the source was not told
}

void QueueWriter::close() {
  writer_->close();
  bytes_since_sync_ = 0;
  base::fault_point<"live.segment_closed">();  // a segment has its end, the state does not know it
  note_end(true);
}

}  // namespace voyager::migration
