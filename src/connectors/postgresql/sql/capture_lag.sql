-- What the server's log holds for a slot.
-- $1 the slot.
-- At most one row: bytes from what is confirmed to the log's end, bytes kept, whether what is wanted is gone, from where on it is kept.
SELECT pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), s.confirmed_flush_lsn),
       pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), s.restart_lsn),
       (s.restart_lsn IS NULL AND version() !~ '-YB-') OR coalesce(pg_catalog.to_jsonb(s) ->> 'wal_status', '') = 'lost',
       CASE WHEN version() !~ '-YB-' THEN s.restart_lsn END
FROM pg_catalog.pg_replication_slots s
WHERE s.slot_name = $1
