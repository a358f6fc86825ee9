-- Fills table_index_stats. ?1 is the number of seconds between the two readings of the counters.
-- Reads are added over all nodes, because replicas take reads off the primary; writes are the primary's, because
-- replicas repeat them. Counters that went back (the server's statistics were reset) count as no load.
WITH load AS MATERIALIZED (
  SELECT f.schema_name, f.object_name,
         sum(f.seq_reads - i.seq_reads) AS reads,
         sum(CASE WHEN f.source_node = 'primary' THEN f.row_writes - i.row_writes END) AS writes
    FROM table_index_iops f
    JOIN table_index_iops i
      ON i.source_node = f.source_node AND i.schema_name = f.schema_name AND i.object_name = f.object_name
     AND i.measurement_type = 'initial'
   WHERE f.measurement_type = 'final'
   GROUP BY f.schema_name, f.object_name),
objects AS (
  SELECT schema_name, table_name AS object_name, row_count, 0 AS is_index, NULL AS parent_table_name
    FROM table_row_counts WHERE source_node = 'primary'
  UNION ALL
  SELECT index_schema, index_name, NULL, 1, table_schema || '.' || table_name
    FROM index_to_table_mapping WHERE source_node = 'primary')
INSERT INTO table_index_stats
SELECT o.schema_name, o.object_name, o.row_count, c.column_count,
       max(l.reads, 0) / ?1, max(l.writes, 0) / ?1,
       o.is_index, t.object_type, o.parent_table_name, s.size_in_bytes
  FROM objects o
  LEFT JOIN object_type_mapping t
    ON t.source_node = 'primary' AND t.schema_name = o.schema_name AND t.object_name = o.object_name
  LEFT JOIN table_columns_count c
    ON c.source_node = 'primary' AND c.schema_name = o.schema_name AND c.object_name = o.object_name
  LEFT JOIN table_index_sizes s
    ON s.source_node = 'primary' AND s.schema_name = o.schema_name AND s.object_name = o.object_name
  LEFT JOIN load l
    ON l.schema_name = o.schema_name AND l.object_name = o.object_name
-- The key of a partitioned table has no type in the files: it holds nothing either, and is left out by the same words.
 WHERE t.object_type NOT IN ('partitioned table', 'partitioned index');
