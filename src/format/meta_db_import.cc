// The import in metainfo/meta.db: what is in, what was set aside, which statements wait for rows.
#include <fmt/format.h>

#include "base/error.h"
#include "format/meta_db_impl.h"

namespace voyager::format {

bool MetaDb::claim_chunk(std::string_view role, const model::Chunk& chunk, const model::TableName& target) {
  bool there = false;
  in_transaction([&] {
    Statement exists(impl_->db, "SELECT 1 FROM chunk WHERE id = ?1 AND file_name = ?2");
    there = exists.bind(chunk.id, chunk.file_name).step();
    if (there) add_imported(role, {.file_name = chunk.file_name, .table = target});
  });
  return there;
}

void MetaDb::add_imported(std::string_view role, const model::ImportedFile& delta) {
  Statement(
      impl_->db,
      "INSERT INTO imported_file VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (importer_role, file_name) DO "
      "UPDATE SET rows = rows + ?5, bytes = bytes + ?6, rows_set_aside = rows_set_aside + ?7, "
      "bytes_set_aside = bytes_set_aside + ?8")
      .bind(role, delta.file_name, delta.table.schema.catalog_text(), delta.table.name.catalog_text(), delta.rows,
            delta.bytes, delta.rows_set_aside, delta.bytes_set_aside)
      .run();
}

void MetaDb::set_imported_rows(std::string_view role, const model::ImportedFile& file) {
  Statement(impl_->db,
            "INSERT INTO imported_file VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0) ON CONFLICT (importer_role, file_name) DO "
            "UPDATE SET rows = ?5, bytes = ?6")
      .bind(role, file.file_name, file.table.schema.catalog_text(), file.table.name.catalog_text(), file.rows,
            file.bytes)
      .run();
}

void MetaDb::set_imported_files(std::string_view role, const std::vector<model::ImportedFile>& files) {
  in_transaction([&] {
    Statement forget(impl_->db, "DELETE FROM imported_file WHERE importer_role = ?1 AND file_name = ?2");
    for (const model::ImportedFile& file : files) {
      forget.bind(role, file.file_name).run();
      add_imported(role, file);
    }
  });
}

void MetaDb::set_imported(std::string_view role, const std::vector<model::ImportedFile>& files) {
  in_transaction([&] {
    Statement(impl_->db, "DELETE FROM imported_file WHERE importer_role = ?1").bind(role).run();
    for (const model::ImportedFile& file : files) add_imported(role, file);
  });
}

std::vector<model::ImportedFile> MetaDb::imported(std::string_view role) {
  Statement rows(impl_->db,
                 "SELECT file_name, schema_name, table_name, rows, bytes, rows_set_aside, bytes_set_aside FROM "
                 "imported_file WHERE importer_role = ?1 ORDER BY file_name");
  std::vector<model::ImportedFile> out;
  rows.bind(role);
  while (rows.step()) {
    out.push_back({.file_name = rows.text(0),
                   .table = name_of(rows, 1),
                   .rows = static_cast<std::uint64_t>(rows.integer(3)),
                   .bytes = static_cast<std::uint64_t>(rows.integer(4)),
                   .rows_set_aside = static_cast<std::uint64_t>(rows.integer(5)),
                   .bytes_set_aside = static_cast<std::uint64_t>(rows.integer(6))});
  }
  return out;
}

bool MetaDb::add_set_aside(std::string_view role, const model::SetAsideRow& row) {
  bool added = false;
  in_transaction([&] {
    Statement(impl_->db,
              "UPDATE set_aside_row SET released = 0, sqlstate = ?4, reason = ?5 WHERE importer_role = ?1 AND "
              "file_name = ?2 AND number = ?3 AND released = 1")
        .bind(role, row.file_name, row.number, row.sqlstate, row.reason)
        .run();
    Statement(impl_->db,
              "INSERT INTO set_aside_row (importer_role, file_name, number, schema_name, table_name, sqlstate, reason, "
              "line) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING")
        .bind(role, row.file_name, row.number, row.table.schema.catalog_text(), row.table.name.catalog_text(),
              row.sqlstate, row.reason, static_cast<std::int64_t>(row.line))
        .run();
    added = sqlite3_changes(impl_->db) == 1;
  });
  return added;
}

std::vector<model::SetAsideRow> MetaDb::set_aside(std::string_view role) {
  Statement rows(impl_->db,
                 "SELECT file_name, schema_name, table_name, number, sqlstate, reason, line FROM set_aside_row "
                 "WHERE importer_role = ?1 AND released = 0 ORDER BY file_name, number");
  std::vector<model::SetAsideRow> out;
  rows.bind(role);
  while (rows.step()) {
    out.push_back({.file_name = rows.text(0),
                   .table = name_of(rows, 1),
                   .number = static_cast<std::int32_t>(rows.integer(3)),
                   .reason = rows.text(5),
                   .sqlstate = rows.text(4),
                   .line = static_cast<std::uint64_t>(rows.integer(6))});
  }
  return out;
}

void MetaDb::release_set_aside(std::string_view role, const std::vector<std::string>& files) {
  in_transaction([&] {
    Statement release(impl_->db,
                      "UPDATE set_aside_row SET released = 1 WHERE importer_role = ?1 AND file_name = ?2 AND "
                      "discarded = 0");
    for (const std::string& file : files) release.bind(role, file).run();
  });
}

std::vector<model::TableName> MetaDb::released_tables(std::string_view role) {
  Statement rows(
      impl_->db,
      "SELECT DISTINCT schema_name, table_name FROM set_aside_row WHERE importer_role = ?1 AND released = 1");
  std::vector<model::TableName> out;
  rows.bind(role);
  while (rows.step()) out.push_back(name_of(rows, 0));
  return out;
}

void MetaDb::forget_set_aside(std::string_view role, const std::vector<model::BatchKey>& rows) {
  in_transaction([&] {
    Statement forget(impl_->db,
                     "DELETE FROM set_aside_row WHERE importer_role = ?1 AND file_name = ?2 AND number = ?3");
    for (const model::BatchKey& row : rows) forget.bind(role, row.file_name, row.number).run();
  });
}

void MetaDb::clear_import(std::string_view role) {
  in_transaction([&] {
    Statement(impl_->db, "DELETE FROM imported_file WHERE importer_role = ?1").bind(role).run();
    Statement(impl_->db, "DELETE FROM set_aside_row WHERE importer_role = ?1").bind(role).run();
    // What it went by when it applied changes.
    clear_lanes(role);
    forget_imported(role, 0);
    Statement(impl_->db, "DELETE FROM json_objects WHERE key = 'carried_columns_' || ?1").bind(role).run();
    Statement(impl_->db, "DELETE FROM json_objects WHERE substr(key, 1, length(?1) + 13) = 'table_pairs_' || ?1 || '_'")
        .bind(role)
        .run();
  });
}

void MetaDb::clear_import_of(std::string_view role, const model::TableName& table) {
  in_transaction([&] {
    for (const char* from : {"imported_file", "set_aside_row"}) {
      Statement(impl_->db,
                fmt::format("DELETE FROM {} WHERE importer_role = ?1 AND schema_name = ?2 AND table_name = ?3", from))
          .bind(role, table.schema.catalog_text(), table.name.catalog_text())
          .run();
    }
  });
}

// --- statements that wait for rows

void MetaDb::save_post_data(const std::vector<model::PostDataStatement>& statements) {
  in_transaction([&] {
    impl_->exec("DELETE FROM post_data_statement WHERE done = 0", "cannot save the statements that wait");
    for (const model::PostDataStatement& one : statements) add_post_data(one);
  });
}

std::int64_t MetaDb::add_post_data(const model::PostDataStatement& statement) {
  std::int64_t id = 0;
  in_transaction([&] {
    // A statement that was done once and is noted again must run again: its object was dropped in between.
    Statement insert(impl_->db,
                     "INSERT INTO post_data_statement (kind, schema_name, table_name, object, sql, file, line, done) "
                     "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0) ON CONFLICT (sql) DO UPDATE SET done = 0 RETURNING id");
    insert.bind(static_cast<int>(statement.kind), statement.table.schema.catalog_text(),
                statement.table.name.catalog_text(), statement.object, statement.sql, statement.file, statement.line);
    VOY_ASSERT(insert.step());
    id = insert.integer(0);
    VOY_ASSERT(!insert.step());
  });
  return id;
}

std::vector<model::PostDataStatement> MetaDb::post_data() {
  Statement rows(impl_->db,
                 "SELECT id, kind, schema_name, table_name, object, sql, file, line, done FROM post_data_statement "
                 "ORDER BY id");
  std::vector<model::PostDataStatement> out;
  while (rows.step()) {
    out.push_back({.id = rows.integer(0),
                   .kind = static_cast<model::PostDataStatement::Kind>(rows.integer(1)),
                   .table = name_of(rows, 2),
                   .object = rows.text(4),
                   .sql = rows.text(5),
                   .file = rows.text(6),
                   .line = static_cast<int>(rows.integer(7)),
                   .done = rows.integer(8) != 0});
  }
  return out;
}

void MetaDb::mark_post_data_done(std::int64_t id) {
  Statement(impl_->db, "UPDATE post_data_statement SET done = 1 WHERE id = ?1").bind(id).run();
}

void MetaDb::clear_post_data() {
  impl_->exec("DELETE FROM post_data_statement", "cannot clear the waiting statements");
}

}  // namespace voyager::format
