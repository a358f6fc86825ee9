-- Unique indexes beside the primary keys of tables and of all their partitions. Not those of deferrable keys, whose checks are triggers.
-- $1, $2 schemas and names of the tables.
-- One row an index and column: position of the table in $1, index, column (null: an expression), nulls are equal, place of the column.
WITH RECURSIVE tree AS (
  SELECT w.position, c.oid
  FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) WITH ORDINALITY AS w(schema_name, table_name, position)
  JOIN pg_catalog.pg_namespace n ON n.nspname = w.schema_name
  JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w.table_name
  UNION ALL
  SELECT t.position, h.inhrelid
  FROM tree t
  JOIN pg_catalog.pg_inherits h ON h.inhparent = t.oid
  JOIN pg_catalog.pg_class c ON c.oid = h.inhrelid AND c.relispartition
)
SELECT t.position, i.indexrelid, a.attname,
       coalesce((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false),
       u.place
FROM tree t
JOIN pg_catalog.pg_index i ON i.indrelid = t.oid AND i.indisunique AND i.indimmediate AND NOT i.indisprimary
JOIN LATERAL pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY AS u(attnum, place) ON u.place <= i.indnkeyatts
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = u.attnum AND u.attnum > 0
ORDER BY t.position, i.indexrelid, u.place
