-- Foreign keys for which TRUNCATE of the tables is refused, whatever they hold: those of other tables.
-- $1 text[], $2 text[]: schemas and names of tables, pair by pair.
-- Result: schema and table that refers, the key's name, what it says, schema and table that it refers to.
WITH RECURSIVE tree(relid) AS (
  SELECT c.oid
  FROM unnest($1::text[], $2::text[]) AS wanted(schema_name, table_name)
  JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.schema_name
  JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.table_name AND c.relkind IN ('r', 'p')
  UNION
  SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.relid
)
SELECT n.nspname, c.relname, k.conname, pg_catalog.pg_get_constraintdef(k.oid), rn.nspname, rc.relname
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class rc ON rc.oid = k.confrelid
JOIN pg_catalog.pg_namespace rn ON rn.oid = rc.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0
  AND k.confrelid IN (SELECT relid FROM tree) AND k.conrelid NOT IN (SELECT relid FROM tree)
ORDER BY 1, 2, 3
