-- Which of these tables TRUNCATE may refuse alone: other tables refer to them or to what is below them, or they to others.
-- $1 text[]: schemas. $2 text[]: tables.
-- Columns: schema, table.
SELECT n.nspname, c.relname
FROM unnest($1::text[], $2::text[]) AS wanted (schema_name, table_name)
JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.schema_name
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.table_name
WHERE c.oid IN (
  SELECT conrelid FROM pg_catalog.pg_constraint WHERE contype = 'f'
  UNION ALL SELECT confrelid FROM pg_catalog.pg_constraint WHERE contype = 'f'
  UNION ALL SELECT inhparent FROM pg_catalog.pg_inherits)
