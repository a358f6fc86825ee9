// What became of the source's objects.
#include <map>
#include <set>
#include <utility>

#include "format/meta_db_impl.h"
#include "format/object_shortfall.h"

namespace voyager::format {

using model::ObjectOutcome;
using model::SchemaObject;
using model::StatementOutcome;

namespace {

/// Fingerprints are unsigned, SQLite's integers are not.
std::int64_t stored(std::uint64_t fingerprint) {
  return static_cast<std::int64_t>(fingerprint);
}

}  // namespace

void MetaDb::save_schema_objects(const std::vector<SchemaObject>& objects) {
  in_transaction([&] {
    for (const char* table : {"schema_object", "schema_statement", "schema_statement_outcome"})
      impl_->exec((std::string("DELETE FROM ") + table).c_str(), "cannot save the objects");
    Statement insert(
        impl_->db,
        "INSERT INTO schema_object (kind, schema_name, object_name, is_property, outcome, note, statement) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING id");
    Statement insert_statement(impl_->db, "INSERT OR IGNORE INTO schema_statement VALUES (?1, ?2)");
    for (const SchemaObject& one : objects) {
      insert.bind(one.kind, one.schema, one.name, static_cast<int>(one.property), static_cast<int>(one.outcome),
                  one.note, one.statement);
      std::int64_t id = 0;
      while (insert.step()) id = insert.integer(0);
      for (const std::uint64_t fingerprint : one.fingerprints) insert_statement.bind(stored(fingerprint), id).run();
    }
  });
}

std::vector<SchemaObject> MetaDb::schema_objects() {
  std::map<std::int64_t, ObjectShortfall> shortfalls;
  Statement outcomes(
      impl_->db,
      "SELECT object_id, statement, reason, made_with_rest, failed, (SELECT count(*) FROM schema_statement s "
      "WHERE s.object_id = o.object_id) FROM schema_statement_outcome o ORDER BY id");
  while (outcomes.step()) {
    ObjectShortfall& one = shortfalls[outcomes.integer(0)];
    one.add({.statement = outcomes.text(1),
             .reason = outcomes.text(2),
             .failed = outcomes.integer(4) != 0,
             .made_with_rest = outcomes.integer(3) != 0});
    one.statements_of_object = static_cast<std::size_t>(outcomes.integer(5));
  }
  Statement rows(impl_->db,
                 "SELECT kind, schema_name, object_name, is_property, outcome, note, statement, id FROM schema_object "
                 "ORDER BY id");
  std::vector<SchemaObject> objects;
  while (rows.step()) {
    objects.push_back({.kind = rows.text(0),
                       .schema = rows.text(1),
                       .name = rows.text(2),
                       .property = rows.integer(3) != 0,
                       .outcome = static_cast<ObjectOutcome>(rows.integer(4)),
                       .note = rows.text(5),
                       .statement = rows.text(6)});
    if (const auto found = shortfalls.find(rows.integer(7)); found != shortfalls.end())
      found->second.apply_to(objects.back());
  }
  return objects;
}

void MetaDb::note_statement_outcomes(const std::string& command, const std::vector<std::string>& files,
                                     const std::vector<StatementOutcome>& noted) {
  in_transaction([&] {
    Statement forget(impl_->db, "DELETE FROM schema_statement_outcome WHERE command = ?1 AND file = ?2");
    for (const std::string& file : files) forget.bind(command, file).run();
    Statement by_text(impl_->db, "SELECT object_id FROM schema_statement WHERE fingerprint = ?1 ORDER BY 1");
    Statement by_name(impl_->db,
                      "SELECT id FROM schema_object WHERE kind = ?1 AND schema_name = ?2 AND object_name = ?3");
    Statement add(impl_->db,
                  "INSERT INTO schema_object (kind, schema_name, object_name, is_property, outcome, note, statement, "
                  "by_import) VALUES (?1, ?2, ?3, 1, 0, '', '', 1) RETURNING id");
    Statement insert(impl_->db,
                     "INSERT INTO schema_statement_outcome (command, file, line, statement, reason, failed, sqlstate, "
                     "made_with_rest, object_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    for (const StatementOutcome& one : noted) {
      std::set<std::int64_t> ids;
      by_text.bind(stored(one.fingerprint));
      while (by_text.step()) ids.insert(by_text.integer(0));
      if (ids.empty()) {
        by_name.bind(one.object.kind, one.object.schema, one.object.name);
        while (by_name.step()) ids.insert(by_name.integer(0));
      }
      if (ids.empty()) {
        add.bind(one.object.kind, one.object.schema, one.object.name);
        while (add.step()) ids.insert(add.integer(0));
      }
      for (const std::int64_t id : ids) {
        insert
            .bind(command, one.file, one.line, one.statement, one.reason, static_cast<int>(one.failed), one.sqlstate,
                  static_cast<int>(one.made_with_rest), id)
            .run();
      }
    }
    impl_->exec(
        "DELETE FROM schema_object WHERE by_import = 1 AND id NOT IN (SELECT object_id FROM schema_statement_outcome)",
        "cannot forget what became of objects");
  });
}

std::vector<StatementOutcome> MetaDb::statement_outcomes() {
  Statement rows(impl_->db,
                 "SELECT file, line, statement, reason, failed, sqlstate, made_with_rest FROM schema_statement_outcome "
                 "GROUP BY command, file, line, statement ORDER BY min(id)");
  std::vector<StatementOutcome> found;
  while (rows.step()) {
    found.push_back({.file = rows.text(0),
                     .line = static_cast<int>(rows.integer(1)),
                     .statement = rows.text(2),
                     .reason = rows.text(3),
                     .failed = rows.integer(4) != 0,
                     .sqlstate = rows.text(5),
                     .made_with_rest = rows.integer(6) != 0});
  }
  return found;
}

void MetaDb::forget_statement_outcomes() {
  in_transaction([&] {
    impl_->exec("DELETE FROM schema_statement_outcome", "cannot forget what became of objects");
    impl_->exec("DELETE FROM schema_object WHERE by_import = 1", "cannot forget what became of objects");
  });
}

}  // namespace voyager::format
