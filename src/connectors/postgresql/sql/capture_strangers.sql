-- Tables and leaf partitions whose changes are not published. Unlogged tables have none.
-- $1 schemas, $2 the publication.
-- One row a table: schema, name.
SELECT n.nspname, c.relname
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname = ANY ($1::text[])
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_publication_tables p
                  WHERE p.pubname = $2 AND p.schemaname = n.nspname AND p.tablename = c.relname)
ORDER BY 1, 2
