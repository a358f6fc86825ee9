-- $1 text, $2 text: schema and name of an index. Result: valid and ready, is an ordinary (not a partitioned) index.
SELECT i.indisvalid AND i.indisready, c.relkind = 'i'
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
WHERE n.nspname = $1 AND c.relname = $2
