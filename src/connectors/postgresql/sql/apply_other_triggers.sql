-- Something else than the checks of deferrable keys would fire on the table.
-- $1, $2 schema and name.
SELECT EXISTS (
  SELECT FROM pg_catalog.pg_trigger t
  JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_constraint k ON k.oid = t.tgconstraint
  WHERE n.nspname = $1 AND c.relname = $2 AND coalesce(k.contype NOT IN ('p', 'u', 'x'), true))
