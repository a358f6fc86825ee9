-- Compression methods that columns ask for, as facts for a comparison. From version 14 on.
-- $1 text[]: schemas. Result: kind, three parts of the name, text after the name, definition.
SELECT 'column compression', n.nspname, c.relname, a.attname, '', CASE a.attcompression WHEN 'p' THEN 'pglz' ELSE 'lz4' END
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE n.nspname = ANY ($1::text[]) AND c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't' AND a.attcompression <> ''
  AND NOT EXISTS (SELECT FROM pg_depend e
                  WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
