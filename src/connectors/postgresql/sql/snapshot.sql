-- Exports the snapshot of the present transaction and describes it.
-- Result: the snapshot's name for SET TRANSACTION SNAPSHOT, what is visible in it, the database.
SELECT pg_catalog.pg_export_snapshot(), pg_catalog.txid_current_snapshot()::text,
       (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
