-- Publications as facts for a comparison, with their tables of the chosen schemas. What a server does not have yet of them
-- (to_jsonb) is absent.
-- $1 text[]: schemas. Result: kind, three parts of the name, text after the name, definition.
SELECT 'publication', p.pubname, NULL::name, NULL::name, '',
       concat_ws(' ', CASE WHEN p.puballtables THEN 'all tables' END, CASE WHEN p.pubinsert THEN 'insert' END,
                 CASE WHEN p.pubupdate THEN 'update' END, CASE WHEN p.pubdelete THEN 'delete' END,
                 CASE WHEN p.pubtruncate THEN 'truncate' END,
                 CASE WHEN (to_jsonb(p) ->> 'pubviaroot')::boolean THEN 'via root' END,
                 'generated columns ' || nullif(to_jsonb(p) ->> 'pubgencols', 'n'))
FROM pg_publication p
WHERE $1::text[] IS NOT NULL
  AND NOT EXISTS (SELECT FROM pg_depend e
                  WHERE e.classid = 'pg_publication'::regclass AND e.objid = p.oid AND e.deptype = 'e')
UNION ALL
SELECT 'published table', p.pubname, n.nspname, c.relname, '',
       concat_ws(' ', 'columns ' || (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
                                     -- int2vector is text here on older servers, and an array on newer ones.
                                     FROM regexp_split_to_table(btrim(to_jsonb(r) ->> 'prattrs', '[] '), '[, ]+') AS k(number)
                                     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number::smallint),
                 'where ' || (SELECT to_jsonb(t) ->> 'rowfilter' FROM pg_publication_tables t
                              WHERE to_jsonb(r) ->> 'prqual' IS NOT NULL
                                AND t.pubname = p.pubname AND t.schemaname = n.nspname AND t.tablename = c.relname))
FROM pg_publication_rel r
JOIN pg_publication p ON p.oid = r.prpubid
JOIN pg_class c ON c.oid = r.prrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1::text[])
