-- What capture needs of the server.
-- One row: wal_level, slots in use, slots there may be, senders in use, senders there may be, the role may replicate,
-- max_slot_wal_keep_size (-1: no limit; null where the server does not know it), output plugins that are allowed (null: all).
SELECT pg_catalog.current_setting('wal_level'),
       (SELECT count(*) FROM pg_catalog.pg_replication_slots), pg_catalog.current_setting('max_replication_slots')::int,
       (SELECT count(*) FROM pg_catalog.pg_stat_replication), pg_catalog.current_setting('max_wal_senders')::int,
       (SELECT r.rolreplication OR r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = current_user)
         OR EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.rolname IN ('rds_replication', 'cloudsqlreplica')
                    AND pg_catalog.pg_has_role(r.oid, 'member')),
       pg_catalog.current_setting('max_slot_wal_keep_size', true),
       pg_catalog.current_setting('output_plugin_libraries', true)
