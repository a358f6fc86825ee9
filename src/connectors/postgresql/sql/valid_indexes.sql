-- $1 text[], $2 text[]: schemas and names of indexes, pair by pair. Result: schema and name of those that are valid and ready.
SELECT wanted.schema, wanted.name
FROM unnest($1::text[], $2::text[]) AS wanted(schema, name)
JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.schema
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.name
JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
WHERE i.indisvalid AND i.indisready
