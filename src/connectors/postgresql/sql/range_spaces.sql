-- How far tables can be cut by pages, and whether their storage was replaced (TRUNCATE, VACUUM FULL, ALTER TABLE) after the
-- transaction's snapshot was taken: the catalog's row is seen as of the snapshot, the function tells the present. Ask with the tables
-- locked. Only heaps have pages in the sense that ctid means.
-- $1 text[], $2 text[]: schemas and names. Result, one row a table in their order: pages, bytes of heap and TOAST, is a heap, was replaced.
SELECT coalesce(pg_catalog.pg_relation_size(c.oid), 0) / pg_catalog.current_setting('block_size')::bigint,
       coalesce(pg_catalog.pg_relation_size(c.oid), 0) + coalesce(pg_catalog.pg_relation_size(nullif(c.reltoastrelid, 0)), 0),
       coalesce(am.amname = 'heap', false), coalesce(c.relkind = 'r' AND c.relfilenode <> pg_catalog.pg_relation_filenode(c.oid), false)
FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) WITH ORDINALITY AS w(schema_name, table_name, position)
LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = w.schema_name
LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w.table_name
LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam
ORDER BY w.position
