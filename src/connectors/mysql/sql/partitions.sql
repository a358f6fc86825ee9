-- The partitions of the session's database, subpartitions left out. Result: table, partition, method, expression, bound, subpartitions.
SELECT table_name, partition_name, min(partition_method), min(partition_expression), min(partition_description), count(subpartition_name)
FROM information_schema.partitions
WHERE table_schema = database() AND partition_name IS NOT NULL
GROUP BY table_name, partition_name, partition_ordinal_position
ORDER BY table_name, partition_ordinal_position
