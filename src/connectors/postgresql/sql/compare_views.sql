-- Views and materialized views as facts for a comparison.
-- $1 text[]: schemas. Result: kind, three parts of the name, text after the name, definition.
SELECT CASE c.relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END, n.nspname, c.relname, NULL, '',
       pg_get_viewdef(c.oid)
         || CASE WHEN c.relkind = 'v' AND c.reloptions IS NOT NULL
                 THEN ' with ' || (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(c.reloptions) o) ELSE '' END
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1::text[]) AND c.relkind IN ('v', 'm') AND c.relpersistence <> 't'
  AND NOT EXISTS (SELECT FROM pg_depend e
                  WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
