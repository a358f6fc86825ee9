-- Removes some of the large objects that a migration made; each takes a lock until the end of the transaction, of which a
-- server has a few thousand. $1 uuid: migration. Result: how many it knew of, how many of them were there.
WITH gone AS (
  DELETE FROM ybvoyager_metadata.ybvoyager_import_data_large_objects
  WHERE migration_uuid = $1::uuid
    AND oid IN (SELECT o.oid FROM ybvoyager_metadata.ybvoyager_import_data_large_objects o WHERE o.migration_uuid = $1::uuid LIMIT 1000)
  RETURNING oid)
SELECT count(*), count(pg_catalog.lo_unlink(m.oid))
FROM gone LEFT JOIN pg_catalog.pg_largeobject_metadata m ON m.oid = gone.oid
