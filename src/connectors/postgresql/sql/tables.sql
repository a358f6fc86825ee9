-- What the catalog says of tables, without their columns.
-- $1 oid[]: the tables. Result: oid, schema, name, relkind, is a partition, root schema and name (null: not a partition),
-- bytes of heap and TOAST, estimated rows (0: not known), unlogged, row security applies to us.
WITH RECURSIVE above(leaf, ancestor) AS (
  SELECT i.inhrelid, i.inhparent
  FROM pg_catalog.pg_inherits i
  JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
  WHERE c.relispartition AND c.oid = ANY ($1::oid[])
  UNION ALL
  SELECT above.leaf, i.inhparent
  FROM above
  JOIN pg_catalog.pg_inherits i ON i.inhrelid = above.ancestor
), top AS (
  SELECT above.leaf, n.nspname, c.relname
  FROM above
  JOIN pg_catalog.pg_class c ON c.oid = above.ancestor AND NOT c.relispartition
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
)
SELECT c.oid, n.nspname, c.relname, c.relkind, c.relispartition, top.nspname, top.relname,
       coalesce(pg_catalog.pg_relation_size(c.oid), 0)
         + coalesce(pg_catalog.pg_relation_size(nullif(c.reltoastrelid, 0)), 0),
       greatest(c.reltuples, 0)::bigint, c.relpersistence = 'u', pg_catalog.row_security_active(c.oid)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN top ON top.leaf = c.oid
WHERE c.oid = ANY ($1::oid[])
ORDER BY n.nspname::text COLLATE "C", c.relname::text COLLATE "C"
