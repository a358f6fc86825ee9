-- Schemas as facts for a comparison.
-- $1 text[]: schemas. Result: kind, three parts of the name, text after the name, definition.
SELECT 'schema', n.nspname, NULL, NULL, '', ''
FROM pg_namespace n
WHERE n.nspname = ANY ($1::text[])
