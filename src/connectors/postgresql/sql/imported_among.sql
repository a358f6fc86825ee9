-- Those of the named batches that are in.
-- $1 uuid: migration; $2 text[], $3 int[]: files and batch numbers, pair by pair. Result: file, batch number, rows.
SELECT b.data_file_name, b.batch_number, b.rows_imported
FROM unnest($2::text[], $3::int[]) AS wanted(file, number)
JOIN ybvoyager_metadata.ybvoyager_import_data_batches_metainfo_v3 b
  ON b.migration_uuid = $1::uuid AND b.data_file_name = wanted.file AND b.batch_number = wanted.number
