-- The counters of reads and writes. Run twice: yb_voyager.measurement is `initial`, then `final`. Indexes have none of
-- their own here (a table's count what came through them), and partitioned tables keep none.
COPY (
  SELECT current_setting('yb_voyager.node') AS source_node, n.nspname AS schema_name, c.relname AS object_name,
         CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'm' THEN 'materialized view'
                        WHEN 'I' THEN 'partitioned index'
                        ELSE CASE WHEN i.indisprimary THEN 'primary key' ELSE 'index' END END AS object_type,
         CASE WHEN c.relkind IN ('p', 'I') THEN NULL
              ELSE coalesce(s.seq_scan, 0) + coalesce(s.idx_scan, 0) END AS seq_reads,
         CASE WHEN c.relkind IN ('p', 'I') THEN NULL
              ELSE coalesce(s.n_tup_ins + s.n_tup_upd + s.n_tup_del, 0) END AS row_writes,
         current_setting('yb_voyager.measurement') AS measurement_type
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_index i ON i.indexrelid = c.oid
  LEFT JOIN pg_stat_user_tables s ON s.relid = c.oid
  WHERE n.nspname::text IN (SELECT unnest(current_setting('yb_voyager.schemas')::text[]))
    AND c.relkind IN ('r', 'p', 'm', 'i', 'I')
  ORDER BY n.nspname::text COLLATE "C", c.relname::text COLLATE "C"
) TO STDOUT WITH (FORMAT csv, HEADER)
