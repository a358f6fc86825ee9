-- What was done with the tables of the session's database since the server counts. Result: table, index (null: none was used), rows
-- read, inserted, updated, deleted.
SELECT object_name, index_name, count_fetch, count_insert, count_update, count_delete
FROM performance_schema.table_io_waits_summary_by_index_usage
WHERE object_schema = database()
ORDER BY object_name, index_name
