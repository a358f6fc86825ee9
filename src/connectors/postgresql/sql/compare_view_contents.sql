-- Whether materialized views were ever filled, as facts for a comparison.
-- $1 text[]: schemas. Result: kind, three parts of the name, text after the name, definition.
SELECT 'materialized view content', n.nspname, c.relname, NULL, '', CASE WHEN c.relispopulated THEN 'filled' ELSE 'never filled' END
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1::text[]) AND c.relkind = 'm'
  AND NOT EXISTS (SELECT FROM pg_depend e
                  WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
