-- The number of the last change that all lanes of a migration have reached.
-- $1 uuid: migration. Result: the number; 0 where no lane has begun.
SELECT coalesce(min(last_applied_vsn), 0)::bigint
FROM ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo
WHERE migration_uuid = $1::uuid AND channel_no >= 0
