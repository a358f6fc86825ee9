-- Storage parameters as facts for a comparison, one a parameter: of tables with their TOAST tables, materialized views, indexes
-- and columns. pg_attver is the server's own: it differs by nature.
-- $1 text[]: schemas. Result: kind, three parts of the name, text after the name, definition.
WITH given(schema_name, name, column_name, prefix, options) AS (
  SELECT n.nspname, coalesce(t.relname, c.relname), NULL::name, CASE WHEN t.oid IS NULL THEN '' ELSE 'index.' END, c.reloptions
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  -- An index of a partition that belongs to an index of the root may have any name.
  LEFT JOIN pg_index x ON x.indexrelid = c.oid AND c.relispartition
  LEFT JOIN pg_class t ON t.oid = x.indrelid
  WHERE n.nspname = ANY ($1::text[]) AND c.relkind IN ('r', 'p', 'm', 'i', 'I') AND c.relpersistence <> 't'
    AND c.reloptions IS NOT NULL
    AND NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
  UNION ALL
  SELECT n.nspname, c.relname, NULL, 'toast.', t.reloptions
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_class t ON t.oid = c.reltoastrelid
  WHERE n.nspname = ANY ($1::text[]) AND c.relpersistence <> 't' AND t.reloptions IS NOT NULL
    AND NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
  UNION ALL
  SELECT n.nspname, c.relname, a.attname, '', a.attoptions
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE n.nspname = ANY ($1::text[]) AND c.relkind IN ('r', 'p', 'm', 'f') AND c.relpersistence <> 't'
    AND a.attoptions IS NOT NULL
    AND NOT EXISTS (SELECT FROM pg_depend e
                    WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
)
SELECT 'storage parameter', schema_name, name, column_name, ' ' || prefix || split_part(one, '=', 1),
       substr(one, strpos(one, '=') + 1)
FROM given
CROSS JOIN unnest(options) AS one
WHERE one NOT LIKE 'pg\_attver=%'
