-- Tables, the roots of partitions among them, and their columns, by the numbers that stay with them.
-- $1, $2 schemas and names.
-- One row a column: schema, table, the table's number, column (null: it has none), the column's number.
WITH RECURSIVE upwards(oid, relispartition) AS (
  SELECT c.oid, c.relispartition
  FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) AS w(schema_name, table_name)
  JOIN pg_catalog.pg_namespace n ON n.nspname = w.schema_name
  JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w.table_name
  UNION
  SELECT p.oid, p.relispartition
  FROM upwards u
  JOIN pg_catalog.pg_inherits i ON i.inhrelid = u.oid
  JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
  WHERE u.relispartition
)
SELECT n.nspname, c.relname, c.oid, a.attname, a.attnum
FROM upwards u
JOIN pg_catalog.pg_class c ON c.oid = u.oid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY c.oid, a.attnum
