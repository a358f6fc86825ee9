-- Every table that can hold rows of the schemas, and the roots of partitioned tables.
-- Members of extensions are left out: CREATE EXTENSION brings their rows. So are the middle levels of partitioning.
-- $1 text[]: schemas. Result: oid.
SELECT c.oid
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1::text[])
  AND (c.relkind = 'r' OR (c.relkind = 'p' AND NOT c.relispartition))
  AND c.relpersistence <> 't'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e')
