-- Writes something harmless, so that the commit that follows has a record to flush, and with it all earlier ones.
-- $1 uuid: migration.
UPDATE ybvoyager_metadata.ybvoyager_import_data_batches_metainfo_v3 AS b
SET rows_imported = b.rows_imported
FROM (SELECT migration_uuid, data_file_name, batch_number, schema_name, table_name
      FROM ybvoyager_metadata.ybvoyager_import_data_batches_metainfo_v3
      WHERE migration_uuid = $1::uuid
      LIMIT 1) AS one
WHERE b.migration_uuid = one.migration_uuid AND b.data_file_name = one.data_file_name
  AND b.batch_number = one.batch_number AND b.schema_name = one.schema_name AND b.table_name = one.table_name
