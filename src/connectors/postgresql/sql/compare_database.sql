-- What decides how the database sorts and stores text. The place of the locale depends on the server's version.
-- Result: encoding, collation for people, heading of version() says YugabyteDB.
SELECT pg_encoding_to_char(d.encoding),
       concat_ws(' ', CASE coalesce(r.fields ->> 'datlocprovider', 'c') WHEN 'c' THEN NULL WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' END,
                 coalesce(r.fields ->> 'datlocale', r.fields ->> 'daticulocale', d.datcollate),
                 CASE WHEN d.datctype <> d.datcollate THEN 'ctype ' || d.datctype END,
                 'rules ' || (r.fields ->> 'daticurules')),
       version() ~ '-YB-'
FROM pg_database d
CROSS JOIN LATERAL to_jsonb(d) AS r(fields)
WHERE d.datname = current_database()
