-- Which of the described tables and columns are not what they were, and what of them acts on what this session writes.
-- $1 to $5 text[]: of each table and column the table's number, schema and name, the column's number and name (number 0: the table alone).
-- One row for each whose name is another's now, or that is gone, and for each trigger or rule that acts, of partitions too (foreign keys
-- and keys that are checked later have triggers).
WITH RECURSIVE named(table_number, schema_name, table_name, column_number, column_name) AS (
  SELECT w.n::oid, w.s, w.t, w.a::int2, w.c
  FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5))
    AS w(n, s, t, a, c)
), tree(relid) AS (
  SELECT table_number FROM named WHERE column_number = 0
  UNION
  SELECT i.inhrelid
  FROM tree
  JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.relid
  JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid AND c.relispartition
), session(fires) AS (
  SELECT CASE WHEN pg_catalog.current_setting('session_replication_role') = 'replica' THEN 'R' ELSE 'O' END
)
SELECT w.table_name, w.column_name
FROM named w
WHERE CASE WHEN w.column_number = 0
           THEN NOT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                            WHERE c.oid = w.table_number AND c.relname = w.table_name AND n.nspname = w.schema_name)
           ELSE NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a
                            WHERE a.attrelid = w.table_number AND a.attnum = w.column_number AND a.attname = w.column_name
                              AND NOT a.attisdropped) END
UNION ALL
-- As apply_hooks.sql has it: those of users, of foreign keys, and of deferrable keys (but primary ones).
SELECT t.tgname::text, NULL
FROM tree JOIN pg_catalog.pg_trigger t ON t.tgrelid = tree.relid
LEFT JOIN pg_catalog.pg_constraint k ON k.oid = t.tgconstraint, session
WHERE coalesce(k.contype, 't') IN ('t', 'f', 'u', 'x') AND (t.tgenabled = 'A' OR t.tgenabled::text = session.fires)
UNION ALL
-- 2 to 4: ON UPDATE, INSERT, DELETE.
SELECT r.rulename::text, NULL
FROM tree JOIN pg_catalog.pg_rewrite r ON r.ev_class = tree.relid, session
WHERE r.ev_type IN ('2', '3', '4') AND (r.ev_enabled = 'A' OR r.ev_enabled::text = session.fires)
