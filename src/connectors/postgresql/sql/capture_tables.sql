-- What capture needs of tables.
-- $1, $2 schemas and names; a partitioned table stands for its leaves.
-- One row a table that exists: schema, name, the role owns it, unlogged, replica identity (d, n, f, i), has a primary key that is
-- checked at once (no other is an identity: the server would refuse the application's UPDATE and DELETE) and not computed (the log
-- does not hold what is), a unique index over NOT NULL columns that can stand for one, the index that is its replica identity now, which
-- is computed, the owner.
WITH RECURSIVE tree(oid) AS (
  SELECT c.oid
  FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) AS w(schema_name, table_name)
  JOIN pg_catalog.pg_namespace n ON n.nspname = w.schema_name
  JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w.table_name
  UNION
  SELECT i.inhrelid
  FROM tree t
  JOIN pg_catalog.pg_inherits i ON i.inhparent = t.oid
  JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid AND c.relispartition
)
SELECT n.nspname, c.relname, pg_catalog.pg_has_role(c.relowner, 'usage'), c.relpersistence = 'u', c.relreplident,
       EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND i.indimmediate
               AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey::int2[])
                       AND pg_catalog.to_jsonb(a) ->> 'attgenerated' <> '')),
       (SELECT x.relname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
        WHERE i.indrelid = c.oid AND i.indisunique AND i.indimmediate AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey::int2[])
                          AND (NOT a.attnotnull OR pg_catalog.to_jsonb(a) ->> 'attgenerated' <> ''))
        ORDER BY i.indnatts, x.relname LIMIT 1),
       (SELECT x.relname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
        WHERE i.indrelid = c.oid AND i.indisreplident),
       EXISTS (SELECT FROM pg_catalog.pg_index i
               JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey::int2[])
               WHERE i.indrelid = c.oid AND i.indisreplident AND pg_catalog.to_jsonb(a) ->> 'attgenerated' <> ''),
       pg_catalog.pg_get_userbyid(c.relowner)
FROM tree
JOIN pg_catalog.pg_class c ON c.oid = tree.oid AND c.relkind = 'r'
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
ORDER BY 1, 2
