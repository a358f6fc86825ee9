-- Partitioned tables that can be published as a whole, so that partitions made later are captured from their first row on: a primary
-- key that is not computed names the rows of every partition, and all leaves of now are to be captured.
-- $1, $2 schemas and names of the tables to be captured.
-- One row a leaf of such a root: schema and name of the root, schema and name of the leaf.
WITH wanted AS (
  SELECT c.oid
  FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) AS w(schema_name, table_name)
  JOIN pg_catalog.pg_namespace n ON n.nspname = w.schema_name
  JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w.table_name
)
SELECT n.nspname, c.relname, ln.nspname, l.relname
FROM (SELECT DISTINCT pg_catalog.pg_partition_root(oid) AS oid FROM wanted) r
JOIN pg_catalog.pg_class c ON c.oid = r.oid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN LATERAL pg_catalog.pg_partition_tree(c.oid) part ON part.isleaf
JOIN pg_catalog.pg_class l ON l.oid = part.relid
JOIN pg_catalog.pg_namespace ln ON ln.oid = l.relnamespace
WHERE pg_catalog.pg_has_role(c.relowner, 'usage')
  AND EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND i.indisvalid
              AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey::int2[])
                              AND pg_catalog.to_jsonb(a) ->> 'attgenerated' <> ''))
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_partition_tree(c.oid) t WHERE t.isleaf AND t.relid NOT IN (SELECT oid FROM wanted))
ORDER BY 1, 2, 3, 4
