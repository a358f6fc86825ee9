-- Transactions that a new replication slot has to wait for, the longest first: they were open for a while and have written.
-- One row a transaction: its process (null: prepared), seconds since it began, user, application (of a prepared one its name), state.
SELECT a.pid, extract(epoch FROM pg_catalog.clock_timestamp() - a.xact_start)::bigint, a.usename, a.application_name, a.state
FROM pg_catalog.pg_stat_activity a
WHERE a.backend_xid IS NOT NULL AND a.pid <> pg_catalog.pg_backend_pid()
  AND a.xact_start < pg_catalog.clock_timestamp() - interval '5 seconds'
UNION ALL
SELECT NULL, extract(epoch FROM pg_catalog.clock_timestamp() - p.prepared)::bigint, p.owner, p.gid, 'prepared'
FROM pg_catalog.pg_prepared_xacts p
ORDER BY 2 DESC
LIMIT 10
