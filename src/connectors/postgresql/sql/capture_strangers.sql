-- Tables and leaf partitions whose changes are not published, or not all of them: a publication may leave out kinds of changes, and of a
-- table rows and columns. What it says of a partitioned table of those is not asked of its partitions.
-- Unlogged tables have none, and a publication holds them all the same as partitions of a table that is logged.
-- $1 schemas, $2 the publication.
-- One row a table: schema, name, its number, it is a partition, what is lacking: the log, or of the publication the table, kinds of
-- changes, or rows and columns.
SELECT n.nspname, c.relname, c.oid, c.relispartition,
       CASE WHEN c.relpersistence = 'u' THEN 'log'
            WHEN t.tablename IS NULL THEN 'table'
            WHEN NOT (p.pubinsert AND p.pubupdate AND p.pubdelete AND coalesce((pg_catalog.to_jsonb(p) ->> 'pubtruncate')::boolean, true))
            THEN 'kinds' ELSE 'parts' END
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_publication_tables t ON t.pubname = $2 AND t.schemaname = n.nspname AND t.tablename = c.relname
LEFT JOIN pg_catalog.pg_publication p ON p.pubname = t.pubname
LEFT JOIN pg_catalog.pg_publication_rel r
  ON r.prpubid = p.oid AND r.prrelid = c.oid
     AND (pg_catalog.to_jsonb(r) ->> 'prqual' IS NOT NULL OR pg_catalog.to_jsonb(r) ->> 'prattrs' IS NOT NULL)
WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname = ANY ($1::text[])
  AND (t.tablename IS NULL OR c.relpersistence = 'u' OR r.oid IS NOT NULL
       OR NOT (p.pubinsert AND p.pubupdate AND p.pubdelete AND coalesce((pg_catalog.to_jsonb(p) ->> 'pubtruncate')::boolean, true)))
ORDER BY 1, 2
