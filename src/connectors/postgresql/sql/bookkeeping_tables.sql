-- Which of the bookkeeping tables exist. Result: name.
SELECT c.relname
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'ybvoyager_metadata' AND c.relkind = 'r'
  AND c.relname IN ('ybvoyager_import_data_batches_metainfo_v3', 'ybvoyager_import_data_batches_lock',
                    'ybvoyager_import_data_event_channels_metainfo',
                    'ybvoyager_imported_event_count_by_table', 'ybvoyager_import_data_large_objects',
                    'ybvoyager_import_data_runs')
ORDER BY 1
