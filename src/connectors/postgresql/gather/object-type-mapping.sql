-- What each table, materialized view and index is. The primary key's index of a partitioned table is left out: it holds
-- nothing, and those of the partitions are listed.
COPY (
  SELECT current_setting('yb_voyager.node') AS source_node, n.nspname AS schema_name, c.relname AS object_name,
         CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'm' THEN 'materialized view'
                        WHEN 'I' THEN 'partitioned index'
                        ELSE CASE WHEN i.indisprimary THEN 'primary key' ELSE 'index' END END AS object_type
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_index i ON i.indexrelid = c.oid
  WHERE n.nspname::text IN (SELECT unnest(current_setting('yb_voyager.schemas')::text[]))
    AND c.relkind IN ('r', 'p', 'm', 'i', 'I')
    AND NOT (c.relkind = 'I' AND i.indisprimary)
  ORDER BY n.nspname::text COLLATE "C", c.relname::text COLLATE "C"
) TO STDOUT WITH (FORMAT csv, HEADER)
