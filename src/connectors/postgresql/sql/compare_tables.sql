-- Tables as facts for a comparison: what is not said by their columns, constraints and indexes.
-- $1 text[]: schemas. Result: kind, three parts of the name (null: absent), text after the name, definition.
SELECT CASE c.relkind WHEN 'f' THEN 'foreign table' ELSE 'table' END, n.nspname, c.relname, NULL, '',
       concat_ws(', ',
                 CASE c.relpersistence WHEN 'u' THEN 'unlogged' END,
                 'partition by ' || CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
                 CASE WHEN c.relispartition THEN 'partition' ELSE 'child' END || ' of '
                   || (SELECT string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno)
                       FROM pg_inherits i WHERE i.inhrelid = c.oid),
                 CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END,
                 'of type ' || CASE WHEN c.reloftype <> 0 THEN c.reloftype::regtype::text END,
                 CASE WHEN c.relrowsecurity THEN 'row security' END,
                 CASE WHEN c.relforcerowsecurity THEN 'row security forced' END,
                 'server ' || (SELECT quote_ident(s.srvname) FROM pg_foreign_table f
                               JOIN pg_foreign_server s ON s.oid = f.ftserver WHERE f.ftrelid = c.oid))
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1::text[]) AND c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't'
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
