-- Batches of a migration that are in. $1 uuid: migration. Result: file, number, rows.
SELECT data_file_name, batch_number, rows_imported
FROM ybvoyager_metadata.ybvoyager_import_data_batches_metainfo_v3
WHERE migration_uuid = $1::uuid
ORDER BY 1, 2
