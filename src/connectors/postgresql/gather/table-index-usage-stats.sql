-- How much each table and index was used since its counters began. Rows of a table are changed, of an index only read.
COPY (
  SELECT current_setting('yb_voyager.node') AS source_node, u.*
  FROM (
    SELECT s.schemaname AS schema_name, s.relname AS object_name,
           CASE c.relkind WHEN 'p' THEN 'partitioned table' WHEN 'm' THEN 'materialized view'
                          ELSE 'table' END AS object_type,
           NULL::name AS parent_table_name, coalesce(s.seq_scan, 0) + coalesce(s.idx_scan, 0) AS scans,
           coalesce(s.n_tup_ins, 0) AS inserts, coalesce(s.n_tup_upd, 0) AS updates, coalesce(s.n_tup_del, 0) AS deletes
    FROM pg_stat_user_tables s
    JOIN pg_class c ON c.oid = s.relid
    UNION ALL
    SELECT s.schemaname, s.indexrelname, CASE WHEN i.indisprimary THEN 'primary key' ELSE 'index' END,
           s.relname, coalesce(s.idx_scan, 0), 0, 0, 0
    FROM pg_stat_all_indexes s
    JOIN pg_index i ON i.indexrelid = s.indexrelid
  ) u
  WHERE u.schema_name::text IN (SELECT unnest(current_setting('yb_voyager.schemas')::text[]))
  ORDER BY u.schema_name::text COLLATE "C", u.object_name::text COLLATE "C"
) TO STDOUT WITH (FORMAT csv, HEADER)
