-- The type of each column of what information_schema.columns lists (tables, foreign tables, views), also where the user
-- has no right to the column: the element's name and [] for arrays, schema.type for types that are not the system's, the
-- bare name for domains.
COPY (
  SELECT current_setting('yb_voyager.node') AS source_node, n.nspname AS schema_name, c.relname AS table_name,
         a.attname AS column_name,
         CASE WHEN t.typtype = 'd' THEN t.typname::text
              WHEN t.typelem <> 0 AND t.typlen = -1 THEN en.nspname || '.' || e.typname || '[]'
              WHEN tn.nspname = 'pg_catalog' THEN format_type(t.oid, NULL)
              ELSE tn.nspname || '.' || t.typname END AS data_type
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type t ON t.oid = a.atttypid
  JOIN pg_namespace tn ON tn.oid = t.typnamespace
  LEFT JOIN pg_type e ON e.oid = t.typelem
  LEFT JOIN pg_namespace en ON en.oid = e.typnamespace
  WHERE n.nspname::text IN (SELECT unnest(current_setting('yb_voyager.schemas')::text[]))
    AND c.relkind IN ('r', 'p', 'f', 'v')
  ORDER BY n.nspname::text COLLATE "C", c.relname::text COLLATE "C", a.attnum
) TO STDOUT WITH (FORMAT csv, HEADER)
