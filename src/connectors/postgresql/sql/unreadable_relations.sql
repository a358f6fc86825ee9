-- Tables and sequences of the schemas that we may not read.
-- $1 text[]: schemas. Result: schema, name, is a sequence.
SELECT n.nspname, c.relname, c.relkind = 'S'
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1::text[]) AND c.relpersistence <> 't'
  AND c.relkind IN ('r', 'p', 'S')
  AND NOT CASE WHEN c.relkind = 'S' THEN pg_catalog.has_sequence_privilege(c.oid, 'SELECT')
               ELSE pg_catalog.has_table_privilege(c.oid, 'SELECT') END
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY n.nspname::text COLLATE "C", c.relname::text COLLATE "C"
