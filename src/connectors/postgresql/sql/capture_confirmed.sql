-- Whether everything before a place of the log is safe with the reader of a slot.
-- $1 the slot, $2 the place. At most one row.
SELECT s.confirmed_flush_lsn >= $2::pg_catalog.pg_lsn
FROM pg_catalog.pg_replication_slots s
WHERE s.slot_name = $1
