-- Changes that a migration has brought, by table. What truncations and the source's foreign keys removed stands in the
-- rows of channel -1.
-- $1 uuid: migration. Result: table, quoted; inserts, updates, deletes, rows removed otherwise.
SELECT table_name, coalesce(sum(num_inserts) FILTER (WHERE channel_no >= 0), 0)::bigint,
       coalesce(sum(num_updates) FILTER (WHERE channel_no >= 0), 0)::bigint,
       coalesce(sum(num_deletes) FILTER (WHERE channel_no >= 0), 0)::bigint,
       coalesce(sum(num_deletes) FILTER (WHERE channel_no = -1), 0)::bigint
FROM ybvoyager_metadata.ybvoyager_imported_event_count_by_table
WHERE migration_uuid = $1::uuid
GROUP BY 1
