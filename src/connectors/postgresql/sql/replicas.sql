-- Servers that the primary streams its log to. Consumers of logical slots are no copies of it. Result: address, empty for
-- one on the same machine.
SELECT DISTINCT coalesce(pg_catalog.host(r.client_addr), '')
FROM pg_catalog.pg_stat_replication r
LEFT JOIN pg_catalog.pg_replication_slots s ON s.active_pid = r.pid
WHERE r.state = 'streaming' AND s.slot_type IS DISTINCT FROM 'logical'
ORDER BY 1
