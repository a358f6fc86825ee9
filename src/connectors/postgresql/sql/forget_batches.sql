-- Forgets the batches of some tables, which are to be loaded from the start.
-- $1 uuid: migration. $2 text[]: schemas. $3 text[]: tables.
DELETE FROM ybvoyager_metadata.ybvoyager_import_data_batches_metainfo_v3
WHERE migration_uuid = $1::uuid
  AND (schema_name, table_name) IN (SELECT * FROM unnest($2::text[], $3::text[]))
