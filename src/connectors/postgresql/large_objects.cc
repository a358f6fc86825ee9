#include "connectors/postgresql/large_objects.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"

namespace voyager::postgresql {
namespace {

model::Table table_of(const char* name, model::TableKind kind, std::vector<model::Column> columns) {
  model::Table table{
      .name = {model::Identifier("pg_catalog"), model::Identifier(name)}, .kind = kind, .columns = std::move(columns)};
  table.root = table.name;
  return table;
}

model::Column column(const char* name, const char* type) {
  return {.name = model::Identifier(name), .type = type, .wire_type = type, .value_type = type};
}

std::string objects_in(const model::Range& range) {
  const std::string part =
      range.begin == range.end ? "" : fmt::format(" OFFSET {} LIMIT {}", range.begin, range.end - range.begin);
  return "(SELECT m.oid, m.lomowner, m.lomacl FROM pg_catalog.pg_largeobject_metadata m ORDER BY m.oid" + part + ") o";
}

// Owners and rights are applied where the roles are there and we may. What is left out is said, once for each role,
// whatever this user has set for the messages of his sessions.
constexpr const char* kApplyRights = R"(SET LOCAL client_min_messages = notice; DO $voyager$
DECLARE
  o record;
  g record;
  owner_now text;
  grantee text;
  told text[] := '{}';
BEGIN
  FOR o IN SELECT * FROM pg_temp.ybvoyager_large_object_rights LOOP
    IF o.comment IS NOT NULL THEN
      EXECUTE pg_catalog.format('COMMENT ON LARGE OBJECT %s IS %L', o.oid, o.comment);
    END IF;
    owner_now := current_user;
    IF o.owner <> current_user THEN
      BEGIN
        IF pg_catalog.to_regrole(pg_catalog.quote_ident(o.owner)) IS NOT NULL THEN
          EXECUTE pg_catalog.format('ALTER LARGE OBJECT %s OWNER TO %I', o.oid, o.owner);
          owner_now := o.owner;
        END IF;
      EXCEPTION WHEN insufficient_privilege THEN
        owner_now := current_user;
      END;
      IF owner_now <> o.owner AND NOT o.owner = ANY (told) THEN
        told := told || o.owner;
        RAISE NOTICE 'large objects of role % belong to %: there is no such role here, or it may not be given objects by this user',
          o.owner, owner_now;
      END IF;
    END IF;
    CONTINUE WHEN o.rights IS NULL;
    BEGIN
      EXECUTE pg_catalog.format('REVOKE ALL ON LARGE OBJECT %s FROM %I', o.oid, owner_now);
      FOR g IN SELECT * FROM pg_catalog.jsonb_to_recordset(o.rights::pg_catalog.jsonb) AS r(role text, "right" text, "option" boolean) LOOP
        grantee := CASE WHEN g.role IS NULL THEN 'PUBLIC' WHEN g.role = o.owner THEN pg_catalog.quote_ident(owner_now)
                        ELSE pg_catalog.quote_ident(g.role) END;
        IF g.role IS NOT NULL AND pg_catalog.to_regrole(grantee) IS NULL THEN
          IF NOT g.role = ANY (told) THEN
            told := told || g.role;
            RAISE NOTICE 'rights of role % on large objects are left out: there is no such role here', g.role;
          END IF;
          CONTINUE;
        END IF;
        EXECUTE pg_catalog.format('GRANT %s ON LARGE OBJECT %s TO %s%s', g."right", o.oid, grantee,
                                  CASE WHEN g."option" AND g.role <> o.owner THEN ' WITH GRANT OPTION' ELSE '' END);
      END LOOP;
    EXCEPTION WHEN insufficient_privilege THEN
      IF NOT owner_now = ANY (told) THEN
        told := told || owner_now;
        RAISE NOTICE 'rights on large objects of role % are left out: this user may not give them', owner_now;
      END IF;
    END;
  END LOOP;
END $voyager$)";

}  // namespace

std::vector<model::Table> large_object_tables(std::uint64_t objects, std::uint64_t bytes) {
  std::vector<model::Table> out = {
      table_of("large objects", model::TableKind::kLargeObjects, {column("oid", "oid"), column("data", "bytea")}),
      table_of("large object pieces", model::TableKind::kLargeObjectPieces,
               {column("oid", "oid"), column("place", "int8"), column("data", "bytea")}),
      table_of("large object rights", model::TableKind::kLargeObjectRights,
               {column("oid", "oid"), column("owner", "text"), column("rights", "text"), column("comment", "text")})};
  out[0].estimated_rows = out[2].estimated_rows = objects;
  out[0].bytes = std::min(bytes, objects * kLargeObjectPiece);
  out[1].bytes = bytes - out[0].bytes;
  return out;
}

std::string large_objects_copy_out(model::TableKind kind, const model::Range& range, model::RowFormat format) {
  const std::string objects = objects_in(range);
  const std::uint64_t piece = kLargeObjectPiece;
  std::string query;
  if (kind == model::TableKind::kLargeObjects) {
    query = fmt::format("SELECT o.oid, pg_catalog.lo_get(o.oid, 0, {}) FROM {}", piece, objects);
  } else if (kind == model::TableKind::kLargeObjectPieces) {
    // Only places go round in the recursion; bytes are read when a row is sent.
    query = fmt::format(
        "WITH RECURSIVE piece(oid, place) AS ("
        "SELECT o.oid, {0}::bigint FROM {1} WHERE pg_catalog.length(pg_catalog.lo_get(o.oid, {0}, 1)) > 0 "
        "UNION ALL SELECT p.oid, p.place + {0} FROM piece p "
        "WHERE pg_catalog.length(pg_catalog.lo_get(p.oid, p.place + {0}, 1)) > 0) "
        "SELECT oid, place, pg_catalog.lo_get(oid, place, {0}) FROM piece",
        piece, objects);
  } else {
    query = fmt::format(
        "SELECT o.oid, pg_catalog.pg_get_userbyid(o.lomowner), CASE WHEN o.lomacl IS NOT NULL THEN "
        "(SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('role', CASE WHEN a.grantee <> 0 THEN "
        "pg_catalog.pg_get_userbyid(a.grantee) END, 'right', a.privilege_type, 'option', a.is_grantable)), '[]') "
        "FROM pg_catalog.aclexplode(o.lomacl) a)::text END, pg_catalog.obj_description(o.oid, 'pg_largeobject') FROM "
        "{}",
        objects);
  }
  return fmt::format("COPY ({}) TO STDOUT{}", query, format == model::RowFormat::kBinary ? " (FORMAT binary)" : "");
}

LargeObjectStaging large_object_staging(model::TableKind kind, const std::string& migration) {
  const auto staging = [](const std::string& name, const char* columns, std::string apply) {
    return LargeObjectStaging{
        .name = name,
        .create_sql = fmt::format("CREATE TEMPORARY TABLE {} ({}) ON COMMIT DELETE ROWS", name, columns),
        .apply_sql = std::move(apply)};
  };
  if (kind == model::TableKind::kLargeObjects) {
    return staging("ybvoyager_large_objects", "oid oid, data bytea",
                   fmt::format("INSERT INTO ybvoyager_metadata.ybvoyager_import_data_large_objects "
                               "SELECT {}::uuid, s.oid FROM pg_temp.ybvoyager_large_objects s ON CONFLICT DO NOTHING; "
                               "SELECT pg_catalog.lo_from_bytea(s.oid, s.data) FROM pg_temp.ybvoyager_large_objects s",
                               migration));
  }
  if (kind == model::TableKind::kLargeObjectPieces) {
    return staging("ybvoyager_large_object_pieces", "oid oid, place bigint, data bytea",
                   "SELECT pg_catalog.lo_put(s.oid, s.place, s.data) FROM pg_temp.ybvoyager_large_object_pieces s");
  }
  VOY_ASSERT(kind == model::TableKind::kLargeObjectRights);
  return staging("ybvoyager_large_object_rights", "oid oid, owner text, rights text, comment text", kApplyRights);
}

}  // namespace voyager::postgresql
