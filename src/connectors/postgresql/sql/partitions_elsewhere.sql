-- Partitions that lie in a schema that is not exported, of tables that are: their rows would be left behind.
-- $1 name[]: the schemas that are exported. Result: schema and name of the table; schema and name of the partition; whether the
-- table has others that are exported.
SELECT n.nspname, p.relname, s.nspname, c.relname,
       EXISTS (SELECT FROM pg_catalog.pg_inherits o
               JOIN pg_catalog.pg_class k ON k.oid = o.inhrelid
               JOIN pg_catalog.pg_namespace m ON m.oid = k.relnamespace AND m.nspname = ANY ($1::name[])
               WHERE o.inhparent = p.oid)
FROM pg_catalog.pg_inherits h
JOIN pg_catalog.pg_class c ON c.oid = h.inhrelid AND c.relispartition AND c.relkind IN ('r', 'p', 'f')
JOIN pg_catalog.pg_class p ON p.oid = h.inhparent
JOIN pg_catalog.pg_namespace n ON n.oid = p.relnamespace AND n.nspname = ANY ($1::name[])
JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace AND NOT s.nspname = ANY ($1::name[])
ORDER BY 1, 2, 3, 4
