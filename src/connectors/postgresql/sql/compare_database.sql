-- What decides how the database sorts and stores text. The place of the locale depends on the server's version.
-- Result: encoding, collation for people, heading of version() says YugabyteDB, options of the CREATE DATABASE that makes
-- another like it.
SELECT pg_encoding_to_char(d.encoding),
       concat_ws(' ', CASE coalesce(r.fields ->> 'datlocprovider', 'c') WHEN 'c' THEN NULL WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' END,
                 coalesce(r.fields ->> 'datlocale', r.fields ->> 'daticulocale', d.datcollate),
                 CASE WHEN d.datctype <> d.datcollate THEN 'ctype ' || d.datctype END,
                 'rules ' || (r.fields ->> 'daticurules')),
       version() ~ '-YB-',
       concat_ws(' ', 'TEMPLATE template0 ENCODING', quote_literal(pg_encoding_to_char(d.encoding)),
                 'LOCALE_PROVIDER ' || CASE r.fields ->> 'datlocprovider' WHEN 'i' THEN 'icu ICU_LOCALE' WHEN 'b' THEN 'builtin BUILTIN_LOCALE' END
                   || ' ' || quote_literal(coalesce(r.fields ->> 'datlocale', r.fields ->> 'daticulocale')),
                 'LC_COLLATE', quote_literal(d.datcollate), 'LC_CTYPE', quote_literal(d.datctype))
FROM pg_database d
CROSS JOIN LATERAL to_jsonb(d) AS r(fields)
WHERE d.datname = current_database()
