-- Estimated rows and bytes of the session's tables and partitions. Result: table, partition (null: it has none), rows, bytes of rows,
-- bytes of secondary indexes.
SELECT table_name, partition_name, sum(table_rows), sum(data_length), sum(index_length)
FROM information_schema.partitions
WHERE table_schema = database()
GROUP BY table_name, partition_name
ORDER BY table_name, partition_name
