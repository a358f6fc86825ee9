-- Extensions of the database as facts for a comparison. Their versions are the server's matter.
-- $1 text[]: not used, but for the relocatable ones. Result: kind, three parts of the name, text after the name, definition.
SELECT 'extension', e.extname, NULL, NULL, '', 'schema ' || quote_ident(n.nspname)
FROM pg_extension e
JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE $1::text[] IS NOT NULL
