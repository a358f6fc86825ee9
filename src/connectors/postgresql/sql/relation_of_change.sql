-- What a change's relation belongs to, and what its columns' types are called.
-- $1 its oid, $2 oids of the types, $3 their modifiers.
-- Schema and name of the topmost partitioned table above it (itself, when there is none; null when it is gone), and a type: one
-- row a column, in order; one row with a null type for a table without columns.
WITH RECURSIVE upwards AS (
  SELECT c.oid, c.relispartition, 0 AS level FROM pg_catalog.pg_class c WHERE c.oid = $1::oid
  UNION ALL
  SELECT p.oid, p.relispartition, u.level + 1
  FROM upwards u
  JOIN pg_catalog.pg_inherits i ON i.inhrelid = u.oid
  JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
  WHERE u.relispartition
), root AS (
  SELECT n.nspname, c.relname
  FROM upwards u
  JOIN pg_catalog.pg_class c ON c.oid = u.oid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  ORDER BY u.level DESC
  LIMIT 1
)
SELECT r.nspname, r.relname, pg_catalog.format_type(a.type, a.modifier)
FROM (SELECT 1) one
LEFT JOIN root r ON true
LEFT JOIN ROWS FROM (pg_catalog.unnest($2::oid[]), pg_catalog.unnest($3::int[])) WITH ORDINALITY AS a(type, modifier, position) ON true
ORDER BY a.position
