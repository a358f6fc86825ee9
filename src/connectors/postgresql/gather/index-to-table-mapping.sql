-- Which table each index is on.
COPY (
  SELECT current_setting('yb_voyager.node') AS source_node, xn.nspname AS index_schema, x.relname AS index_name,
         n.nspname AS table_schema, t.relname AS table_name
  FROM pg_index i
  JOIN pg_class x ON x.oid = i.indexrelid
  JOIN pg_namespace xn ON xn.oid = x.relnamespace
  JOIN pg_class t ON t.oid = i.indrelid
  JOIN pg_namespace n ON n.oid = t.relnamespace
  WHERE n.nspname::text IN (SELECT unnest(current_setting('yb_voyager.schemas')::text[]))
  ORDER BY xn.nspname::text COLLATE "C", x.relname::text COLLATE "C"
) TO STDOUT WITH (FORMAT csv, HEADER)
