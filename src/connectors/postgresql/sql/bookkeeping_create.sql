-- The bookkeeping of all migrations into this database. Statements are separated by semicolons and run one by one.
CREATE SCHEMA IF NOT EXISTS ybvoyager_metadata;
CREATE TABLE IF NOT EXISTS ybvoyager_metadata.ybvoyager_import_data_batches_metainfo_v3 (
  migration_uuid uuid, data_file_name TEXT, batch_number INT, schema_name TEXT, table_name TEXT, rows_imported BIGINT,
  PRIMARY KEY (migration_uuid, data_file_name, batch_number, schema_name, table_name));
CREATE TABLE IF NOT EXISTS ybvoyager_metadata.ybvoyager_import_data_batches_lock (
  migration_uuid uuid PRIMARY KEY);
CREATE TABLE IF NOT EXISTS ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo (
  migration_uuid uuid, channel_no INT, last_applied_vsn BIGINT, num_inserts BIGINT, num_deletes BIGINT, num_updates BIGINT,
  PRIMARY KEY (migration_uuid, channel_no));
CREATE TABLE IF NOT EXISTS ybvoyager_metadata.ybvoyager_imported_event_count_by_table (
  migration_uuid uuid, table_name TEXT, channel_no INT, total_events BIGINT, num_inserts BIGINT, num_deletes BIGINT,
  num_updates BIGINT,
  PRIMARY KEY (migration_uuid, table_name, channel_no));
CREATE TABLE IF NOT EXISTS ybvoyager_metadata.ybvoyager_import_data_large_objects (
  migration_uuid uuid, oid OID,
  PRIMARY KEY (migration_uuid, oid));
CREATE TABLE IF NOT EXISTS ybvoyager_metadata.ybvoyager_import_data_runs (
  migration_uuid uuid, importer_role TEXT, run TEXT,
  PRIMARY KEY (migration_uuid, importer_role))
