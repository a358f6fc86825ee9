// What became of the source's objects.
#include "base/error.h"
#include "format/meta_db_impl.h"

namespace voyager::format {

using model::ObjectOutcome;
using model::SchemaObject;

void MetaDb::save_schema_objects(const std::vector<SchemaObject>& objects) {
  in_transaction(*this, impl_->db, [&] {
    impl_->exec("DELETE FROM schema_object", "cannot save the objects");
    Statement insert(
        impl_->db,
        "INSERT INTO schema_object (kind, schema_name, object_name, is_property, outcome, note, statement) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    for (const SchemaObject& one : objects) {
      insert
          .bind(one.kind, one.schema, one.name, static_cast<int>(one.property), static_cast<int>(one.outcome), one.note,
                one.statement)
          .run();
    }
  });
}

std::vector<SchemaObject> MetaDb::schema_objects() {
  Statement rows(impl_->db,
                 "SELECT kind, schema_name, object_name, is_property, coalesce(import_outcome, outcome), "
                 "coalesce(import_note, note), coalesce(import_statement, statement) FROM schema_object ORDER BY id");
  std::vector<SchemaObject> objects;
  while (rows.step()) {
    objects.push_back({.kind = rows.text(0),
                       .schema = rows.text(1),
                       .name = rows.text(2),
                       .property = rows.integer(3) != 0,
                       .outcome = static_cast<ObjectOutcome>(rows.integer(4)),
                       .note = rows.text(5),
                       .statement = rows.text(6)});
  }
  return objects;
}

void MetaDb::forget_import_of_objects() {
  in_transaction(*this, impl_->db, [&] {
    impl_->exec("DELETE FROM schema_object WHERE by_import = 1", "cannot forget what became of objects");
    impl_->exec(
        "UPDATE schema_object SET import_outcome = NULL, import_note = NULL, import_statement = NULL "
        "WHERE import_outcome IS NOT NULL",
        "cannot forget what became of objects");
  });
}

void MetaDb::note_import_of_object(const SchemaObject& object) {
  in_transaction(*this, impl_->db, [&] {
    Statement update(impl_->db,
                     "UPDATE schema_object SET import_outcome = ?4, import_note = ?5, import_statement = ?6 "
                     "WHERE kind = ?1 AND schema_name = ?2 AND object_name = ?3 RETURNING id");
    const int outcome = static_cast<int>(object.outcome);
    bool known = false;
    update.bind(object.kind, object.schema, object.name, outcome, object.note, object.statement);
    while (update.step()) known = true;
    if (known) return;
    Statement(impl_->db,
              "INSERT INTO schema_object (kind, schema_name, object_name, is_property, outcome, note, statement, "
              "by_import) VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6, 1)")
        .bind(object.kind, object.schema, object.name, outcome, object.note, object.statement)
        .run();
  });
}

}  // namespace voyager::format
