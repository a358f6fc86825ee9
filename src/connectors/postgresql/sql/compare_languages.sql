-- Languages, access methods, collations and conversions that a person made, as facts for a comparison. The place of a
-- collation's locale depends on the server's version.
-- $1 text[]: schemas. Result: kind, three parts of the name, text after the name, definition.
SELECT 'language', l.lanname, NULL::name, NULL::name, '',
       concat_ws(' ', CASE WHEN l.lanpltrusted THEN 'trusted' END, 'handler ' || nullif(l.lanplcallfoid::regprocedure::text, '-'),
                 'inline ' || nullif(l.laninline::regprocedure::text, '-'), 'validator ' || nullif(l.lanvalidator::regprocedure::text, '-'))
FROM pg_language l
WHERE l.oid >= 16384 AND $1::text[] IS NOT NULL
  AND NOT EXISTS (SELECT FROM pg_depend e
                  WHERE e.classid = 'pg_language'::regclass AND e.objid = l.oid AND e.deptype = 'e')
UNION ALL
SELECT 'access method', a.amname, NULL, NULL, '', concat_ws(' ', CASE a.amtype WHEN 't' THEN 'table' ELSE 'index' END, a.amhandler::text)
FROM pg_am a
WHERE a.oid >= 16384
  AND NOT EXISTS (SELECT FROM pg_depend e
                  WHERE e.classid = 'pg_am'::regclass AND e.objid = a.oid AND e.deptype = 'e')
UNION ALL
SELECT 'collation', n.nspname, c.collname, NULL, '',
       concat_ws(' ', 'provider', CASE c.collprovider WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE c.collprovider::text END,
                 coalesce(r.fields ->> 'colllocale', r.fields ->> 'colliculocale', r.fields ->> 'collcollate'),
                 CASE WHEN c.collprovider = 'c' AND r.fields ->> 'collctype' <> r.fields ->> 'collcollate' THEN 'ctype ' || (r.fields ->> 'collctype') END,
                 CASE WHEN NOT coalesce((r.fields ->> 'collisdeterministic')::boolean, true) THEN 'not deterministic' END,
                 'rules ' || (r.fields ->> 'collicurules'))
FROM pg_collation c
JOIN pg_namespace n ON n.oid = c.collnamespace
CROSS JOIN LATERAL to_jsonb(c) AS r(fields)
WHERE n.nspname = ANY ($1::text[])
  AND NOT EXISTS (SELECT FROM pg_depend e
                  WHERE e.classid = 'pg_collation'::regclass AND e.objid = c.oid AND e.deptype = 'e')
UNION ALL
SELECT 'conversion', n.nspname, c.conname, NULL, '',
       concat_ws(' ', CASE WHEN c.condefault THEN 'default' END, 'from', pg_encoding_to_char(c.conforencoding), 'to',
                 pg_encoding_to_char(c.contoencoding), 'by', c.conproc::text)
FROM pg_conversion c
JOIN pg_namespace n ON n.oid = c.connamespace
WHERE n.nspname = ANY ($1::text[])
  AND NOT EXISTS (SELECT FROM pg_depend e
                  WHERE e.classid = 'pg_conversion'::regclass AND e.objid = c.oid AND e.deptype = 'e')
