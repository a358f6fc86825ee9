-- Who holds what an exclusive lock of the tables, or of what is below them, has to wait for.
-- $1 text[]: the tables, quoted.
-- Result: a sentence's part for each.
WITH RECURSIVE tree(relid) AS (
  SELECT pg_catalog.to_regclass(name)::oid FROM unnest($1::text[]) AS wanted(name)
  UNION
  SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.relid
)
SELECT DISTINCT CASE
  WHEN l.pid IS NULL THEN 'a prepared transaction (pg_prepared_xacts)'
  ELSE pg_catalog.format('pid %s (%s, %s, %s)', l.pid, coalesce(a.usename, '?'),
                         coalesce(nullif(a.application_name, ''), 'no application name'), coalesce(a.state, a.backend_type, '?'))
  END
FROM pg_catalog.pg_locks l
LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
WHERE l.granted AND l.locktype = 'relation' AND l.relation IN (SELECT relid FROM tree)
  AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
  AND l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid()
ORDER BY 1
