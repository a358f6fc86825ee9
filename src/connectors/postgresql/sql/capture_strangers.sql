-- Tables and leaf partitions whose changes are not published, or not all of them: a publication may leave out kinds of changes, and of a
-- table rows and columns. What it says of a partitioned table of those is not asked of its partitions.
-- Unlogged tables have none.
-- $1 schemas, $2 the publication.
-- One row a table: schema, name.
SELECT n.nspname, c.relname
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname = ANY ($1::text[])
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_publication_tables t
                  JOIN pg_catalog.pg_publication p ON p.pubname = t.pubname
                  WHERE t.pubname = $2 AND t.schemaname = n.nspname AND t.tablename = c.relname
                    AND p.pubinsert AND p.pubupdate AND p.pubdelete AND coalesce((pg_catalog.to_jsonb(p) ->> 'pubtruncate')::boolean, true)
                    AND NOT EXISTS (SELECT FROM pg_catalog.pg_publication_rel r
                                    WHERE r.prpubid = p.oid AND r.prrelid = c.oid
                                      AND (pg_catalog.to_jsonb(r) ->> 'prqual' IS NOT NULL OR pg_catalog.to_jsonb(r) ->> 'prattrs' IS NOT NULL)))
ORDER BY 1, 2
