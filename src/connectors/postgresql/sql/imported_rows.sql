-- Rows of snapshots that a migration has brought, by table.
-- $1 uuid: migration. Result: schema, table, rows.
SELECT schema_name, table_name, sum(rows_imported)::bigint
FROM ybvoyager_metadata.ybvoyager_import_data_batches_metainfo_v3
WHERE migration_uuid = $1::uuid
GROUP BY 1, 2
