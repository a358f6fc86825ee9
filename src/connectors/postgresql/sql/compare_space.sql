-- How a table can be cut for hashing: by heap pages, where scans by ctid are quick (14 and later, not YugabyteDB).
-- $1 text, $2 text: schema and name. Result: is partitioned, can be cut, pages of the largest leaf.
WITH RECURSIVE tree(oid) AS (
  SELECT c.oid
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relname = $2
  UNION ALL
  SELECT i.inhrelid
  FROM tree
  JOIN pg_class c ON c.oid = tree.oid AND c.relkind = 'p'
  JOIN pg_inherits i ON i.inhparent = tree.oid
)
SELECT bool_or(c.relkind = 'p'),
       current_setting('server_version_num')::int >= 140000 AND version() !~ '-YB-'
         AND bool_and(c.relkind = 'p' OR coalesce(am.amname = 'heap', false)),
       max(coalesce(pg_relation_size(c.oid), 0)) / current_setting('block_size')::bigint
FROM tree
JOIN pg_class c ON c.oid = tree.oid
LEFT JOIN pg_am am ON am.oid = c.relam
