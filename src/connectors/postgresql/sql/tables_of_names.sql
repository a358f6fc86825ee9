-- The tables of these names that exist; names that do not are left out.
-- $1 text[]: schemas, $2 text[]: names, pair by pair. Result: oid.
SELECT c.oid
FROM unnest($1::text[], $2::text[]) AS wanted(schema_name, table_name)
JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.schema_name
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.table_name
WHERE c.relkind IN ('r', 'p')
