-- What the log of changes holds of a row, where it is not the primary key, as facts for a comparison.
-- $1 text[]: schemas. Result: kind, three parts of the name, text after the name, definition.
SELECT 'replica identity', n.nspname, c.relname, NULL, '',
       CASE c.relreplident WHEN 'f' THEN 'full' WHEN 'n' THEN 'nothing' WHEN 'c' THEN 'change'
            ELSE 'using index ' || coalesce((SELECT quote_ident(x.relname) FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
                                             WHERE i.indrelid = c.oid AND i.indisreplident), '(dropped)') END
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1::text[]) AND c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't' AND c.relreplident <> 'd'
  AND NOT EXISTS (SELECT FROM pg_depend e
                  WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
