-- Who takes changes from this cluster. Result: slot.
SELECT slot_name FROM pg_replication_slots ORDER BY 1
