-- Schemas whose tables are published, as facts for a comparison. From version 15 on.
-- $1 text[]: schemas. Result: kind, three parts of the name, text after the name, definition.
SELECT 'published schema', p.pubname, n.nspname, NULL, '', ''
FROM pg_publication_namespace s
JOIN pg_publication p ON p.oid = s.pnpubid
JOIN pg_namespace n ON n.oid = s.pnnspid
WHERE n.nspname = ANY ($1::text[])
