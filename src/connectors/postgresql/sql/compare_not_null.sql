-- What is special of NOT NULL constraints, as facts for a comparison: not valid, not inherited. Their names are not looked at. From version 18 on.
-- $1 text[]: schemas. Result: kind, three parts of the name, text after the name, definition.
SELECT 'not null', n.nspname, c.relname, a.attname, '', concat_ws(' ', CASE WHEN NOT k.convalidated THEN 'not valid' END, CASE WHEN k.connoinherit THEN 'no inherit' END)
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
WHERE n.nspname = ANY ($1::text[]) AND k.contype = 'n' AND (NOT k.convalidated OR k.connoinherit)
