-- How many live rows the server counted in each table.
COPY (
  SELECT current_setting('yb_voyager.node') AS source_node, s.schemaname AS schema_name, s.relname AS table_name,
         greatest(s.n_live_tup, 0) AS row_count
  FROM pg_stat_user_tables s
  WHERE s.schemaname::text IN (SELECT unnest(current_setting('yb_voyager.schemas')::text[]))
  ORDER BY s.schemaname::text COLLATE "C", s.relname::text COLLATE "C"
) TO STDOUT WITH (FORMAT csv, HEADER)
