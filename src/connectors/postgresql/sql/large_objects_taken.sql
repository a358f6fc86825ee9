-- Large objects of a batch whose numbers are taken. $1 uuid: migration. Result: number, this migration made the object.
SELECT s.oid, o.oid IS NOT NULL
FROM pg_temp.ybvoyager_large_objects s
JOIN pg_catalog.pg_largeobject_metadata m ON m.oid = s.oid
LEFT JOIN ybvoyager_metadata.ybvoyager_import_data_large_objects o ON o.migration_uuid = $1::uuid AND o.oid = s.oid
ORDER BY 1
