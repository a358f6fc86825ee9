// The snapshot in metainfo/meta.db: its plan, chunks and frames.
#include <fmt/format.h>

#include "base/error.h"
#include "format/chunk_file.h"
#include "format/meta_db_impl.h"
#include "format/table_json.h"

namespace voyager::format {

void MetaDb::save_plan(const std::vector<model::PlannedTable>& tables) {
  in_transaction([&] {
    Statement insert(
        impl_->db,
        "INSERT INTO snapshot_table (schema_name, table_name, root_schema, root_name, position, description, "
        "row_format, range_begin, range_end, bytes_per_unit, next, handed_out, generation) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)");
    int position = 0;
    for (const model::PlannedTable& one : tables) {
      insert
          .bind(one.table.name.schema.catalog_text(), one.table.name.name.catalog_text(),
                one.table.root.schema.catalog_text(), one.table.root.name.catalog_text(), position++,
                table_to_json(one.table), static_cast<int>(one.rows), one.space.all.begin, one.space.all.end,
                one.space.bytes_per_unit, one.next, one.handed_out, one.generation)
          .run();
    }
  });
}

std::vector<model::PlannedTable> MetaDb::plan() {
  Statement rows(impl_->db,
                 "SELECT description, row_format, range_begin, range_end, bytes_per_unit, next, handed_out, generation "
                 "FROM snapshot_table ORDER BY position");
  std::vector<model::PlannedTable> out;
  while (rows.step()) {
    model::PlannedTable one{.table = table_from_json(rows.text(0)),
                            .rows = static_cast<model::RowFormat>(rows.integer(1))};
    one.space.all = {static_cast<std::uint64_t>(rows.integer(2)), static_cast<std::uint64_t>(rows.integer(3))};
    one.space.bytes_per_unit = rows.real(4);
    one.next = static_cast<std::uint64_t>(rows.integer(5));
    one.handed_out = rows.integer(6) != 0;
    one.generation = static_cast<int>(rows.integer(7));
    out.push_back(std::move(one));
  }
  return out;
}

void MetaDb::save_sequences(const std::vector<model::Sequence>& sequences) {
  in_transaction([&] {
    impl_->exec("DELETE FROM snapshot_sequence", "cannot save the sequences");
    Statement insert(impl_->db, "INSERT INTO snapshot_sequence VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    for (const model::Sequence& one : sequences) {
      insert
          .bind(one.name.schema.catalog_text(), one.name.name.catalog_text(), one.last_value, one.is_called,
                one.owner_table.schema.catalog_text(), one.owner_table.name.catalog_text(),
                one.owner_column.catalog_text(), one.increment)
          .run();
    }
  });
}

std::vector<model::Sequence> MetaDb::sequences() {
  Statement rows(impl_->db,
                 "SELECT schema_name, sequence_name, last_value, is_called, owner_schema, owner_table, owner_column, "
                 "increment FROM snapshot_sequence ORDER BY schema_name, sequence_name");
  std::vector<model::Sequence> out;
  while (rows.step()) {
    out.push_back({.name = name_of(rows, 0),
                   .last_value = rows.integer(2),
                   .is_called = rows.integer(3) != 0,
                   .owner_table = name_of(rows, 4),
                   .owner_column = model::Identifier(rows.text(6)),
                   .increment = rows.integer(7)});
  }
  return out;
}

void MetaDb::lease_chunk(model::Chunk& chunk, std::uint64_t next, bool handed_out) {
  in_transaction([&] {
    Statement table(impl_->db,
                    "UPDATE snapshot_table SET next = ?3, handed_out = ?4, chunks = chunks + 1 "
                    "WHERE schema_name = ?1 AND table_name = ?2 RETURNING chunks, generation");
    table.bind(chunk.table.schema.catalog_text(), chunk.table.name.catalog_text(), next, handed_out);
    VOY_ASSERT(table.step());
    const std::int64_t chunks = table.integer(0);
    chunk.file_name =
        chunk_file_name(chunk.table, static_cast<int>(table.integer(1)),
                        chunks == 1 && handed_out ? kWholeTable : chunks, chunk.rows_format, chunk.compressed);
    VOY_ASSERT(!table.step());
    Statement insert(
        impl_->db,
        "INSERT INTO chunk (schema_name, table_name, range_begin, range_end, state, file_name, row_format, "
        "compressed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    insert
        .bind(chunk.table.schema.catalog_text(), chunk.table.name.catalog_text(), chunk.range.begin, chunk.range.end,
              static_cast<int>(model::ChunkState::kLeased), chunk.file_name, static_cast<int>(chunk.rows_format),
              chunk.compressed)
        .run();
    chunk.id = sqlite3_last_insert_rowid(impl_->db);
  });
}

void MetaDb::finish_chunk(const model::Chunk& chunk) {
  in_transaction([&] {
    Statement insert(impl_->db, "INSERT INTO frame VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    for (const model::Frame& frame : chunk.frames) {
      insert.bind(chunk.id, frame.number, frame.offset, frame.stored_bytes, frame.raw_bytes, frame.rows, frame.crc32c)
          .run();
    }
    impl_->exec("UPDATE done_counter SET value = value + 1", "cannot finish a chunk");
    Statement(impl_->db,
              "UPDATE chunk SET state = ?2, rows = ?3, raw_bytes = ?4, stored_bytes = ?5, "
              "done_order = (SELECT value FROM done_counter) WHERE id = ?1")
        .bind(chunk.id, static_cast<int>(model::ChunkState::kDone), chunk.rows, chunk.raw_bytes, chunk.stored_bytes)
        .run();
  });
}

void MetaDb::reopen_chunk(const model::Chunk& chunk) {
  in_transaction([&] {
    Statement(impl_->db, "DELETE FROM frame WHERE chunk_id = ?1").bind(chunk.id).run();
    Statement(impl_->db, "UPDATE chunk SET state = 0, rows = 0, raw_bytes = 0, done_order = NULL WHERE id = ?1")
        .bind(chunk.id)
        .run();
  });
}

namespace {

constexpr std::string_view kChunkColumns =
    "id, schema_name, table_name, range_begin, range_end, state, file_name, row_format, compressed, rows, raw_bytes, "
    "stored_bytes, done_order";

model::Chunk chunk_of(const Statement& row) {
  model::Chunk chunk{.id = row.integer(0), .table = name_of(row, 1)};
  chunk.range = {static_cast<std::uint64_t>(row.integer(3)), static_cast<std::uint64_t>(row.integer(4))};
  chunk.state = static_cast<model::ChunkState>(row.integer(5));
  chunk.file_name = row.text(6);
  chunk.rows_format = static_cast<model::RowFormat>(row.integer(7));
  chunk.compressed = row.integer(8) != 0;
  chunk.rows = static_cast<std::uint64_t>(row.integer(9));
  chunk.raw_bytes = static_cast<std::uint64_t>(row.integer(10));
  chunk.stored_bytes = static_cast<std::uint64_t>(row.integer(11));
  chunk.done_order = row.integer(12);
  return chunk;
}

}  // namespace

std::vector<model::Chunk> MetaDb::leased_chunks() {
  Statement rows(impl_->db, fmt::format("SELECT {} FROM chunk WHERE state = 0 ORDER BY id", kChunkColumns));
  std::vector<model::Chunk> out;
  while (rows.step()) out.push_back(chunk_of(rows));
  return out;
}

std::vector<model::TableTotals> MetaDb::table_totals() {
  Statement rows(impl_->db,
                 "SELECT t.schema_name, t.table_name, t.root_schema, t.root_name, coalesce(sum(c.rows), 0), "
                 "coalesce(sum(c.raw_bytes), 0), coalesce(min(CASE WHEN c.rows > 0 THEN c.file_name END), ''), "
                 "t.chunks > 0, t.handed_out = 0 OR coalesce(min(c.state), 1) = 0 "
                 "FROM snapshot_table t LEFT JOIN chunk c USING (schema_name, table_name) "
                 "GROUP BY t.schema_name, t.table_name ORDER BY t.position");
  std::vector<model::TableTotals> out;
  while (rows.step()) {
    out.push_back({.table = name_of(rows, 0),
                   .root = name_of(rows, 2),
                   .rows = static_cast<std::uint64_t>(rows.integer(4)),
                   .raw_bytes = static_cast<std::uint64_t>(rows.integer(5)),
                   .first_file = rows.text(6),
                   .begun = rows.integer(7) != 0,
                   .open = rows.integer(8) != 0});
  }
  return out;
}

std::vector<model::TableName> MetaDb::open_tables() {
  Statement rows(impl_->db,
                 "SELECT schema_name, table_name FROM snapshot_table WHERE handed_out = 0 "
                 "UNION SELECT schema_name, table_name FROM chunk WHERE state = 0");
  std::vector<model::TableName> out;
  while (rows.step()) out.push_back(name_of(rows, 0));
  return out;
}

std::vector<model::Chunk> MetaDb::done_chunks(std::int64_t after, Frames with_frames) {
  Statement rows(impl_->db,
                 fmt::format("SELECT {} FROM chunk WHERE done_order > ?1 ORDER BY done_order", kChunkColumns));
  Statement frames(impl_->db,
                   "SELECT number, offset, stored_bytes, raw_bytes, rows, crc32c FROM frame WHERE chunk_id = ?1 "
                   "ORDER BY number");
  std::vector<model::Chunk> out;
  rows.bind(after);
  while (rows.step()) {
    model::Chunk chunk = chunk_of(rows);
    if (with_frames == Frames::kRead) frames.bind(chunk.id);
    while (with_frames == Frames::kRead && frames.step()) {
      chunk.frames.push_back({.number = static_cast<std::int32_t>(frames.integer(0)),
                              .offset = static_cast<std::uint64_t>(frames.integer(1)),
                              .stored_bytes = static_cast<std::uint64_t>(frames.integer(2)),
                              .raw_bytes = static_cast<std::uint64_t>(frames.integer(3)),
                              .rows = static_cast<std::uint32_t>(frames.integer(4)),
                              .crc32c = static_cast<std::uint32_t>(frames.integer(5))});
    }
    out.push_back(std::move(chunk));
  }
  return out;
}

void MetaDb::clear_snapshot() {
  in_transaction([&] {
    impl_->exec("DELETE FROM frame; DELETE FROM chunk; DELETE FROM snapshot_table; DELETE FROM snapshot_sequence",
                "cannot clear the snapshot's state");
  });
}

void MetaDb::restart_table(const model::TableName& table, const model::RangeSpace& space) {
  in_transaction([&] {
    Statement(impl_->db, "DELETE FROM chunk WHERE schema_name = ?1 AND table_name = ?2")
        .bind(table.schema.catalog_text(), table.name.catalog_text())
        .run();
    Statement(
        impl_->db,
        "UPDATE snapshot_table SET range_begin = ?3, range_end = ?4, bytes_per_unit = ?5, next = ?3, handed_out = 0, "
        "generation = generation + 1, chunks = 0 WHERE schema_name = ?1 AND table_name = ?2")
        .bind(table.schema.catalog_text(), table.name.catalog_text(), space.all.begin, space.all.end,
              space.bytes_per_unit)
        .run();
  });
}

}  // namespace voyager::format
