-- Comments and security labels as facts for a comparison. Those of extensions come with them.
-- $1 text[]: schemas. Result: kind, three parts of the name, text after the name, definition.
WITH said(kind, classid, objid, objsubid, text) AS (
  SELECT 'comment', d.classoid, d.objoid, d.objsubid, d.description
  FROM pg_description d
  WHERE d.objoid >= 16384
     OR (d.classoid = 'pg_namespace'::regclass AND d.objoid = to_regnamespace('public') AND d.description <> 'standard public schema')
  UNION ALL
  SELECT 'security label', l.classoid, l.objoid, l.objsubid, l.provider || ': ' || l.label FROM pg_seclabel l
)
SELECT s.kind, NULL::name, NULL::name, NULL::name, i.type || ' ' || i.identity, s.text
FROM said s
CROSS JOIN LATERAL pg_identify_object(s.classid, s.objid, s.objsubid) AS i
LEFT JOIN pg_trigger t ON s.classid = 'pg_trigger'::regclass AND t.oid = s.objid
LEFT JOIN pg_rewrite r ON s.classid = 'pg_rewrite'::regclass AND r.oid = s.objid
LEFT JOIN pg_policy p ON s.classid = 'pg_policy'::regclass AND p.oid = s.objid
LEFT JOIN pg_class c ON c.oid = coalesce(t.tgrelid, r.ev_class, p.polrelid)
LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE s.classid <> 'pg_extension'::regclass AND i.type IS NOT NULL
  AND coalesce(i.schema = ANY (SELECT quote_ident(one) FROM unnest($1::text[]) AS one), n.nspname = ANY ($1::text[]),
               CASE WHEN s.classid = 'pg_namespace'::regclass THEN i.identity = ANY (SELECT quote_ident(one) FROM unnest($1::text[]) AS one) END, true)
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = s.classid AND e.objid = s.objid AND e.deptype = 'e')
UNION ALL
SELECT 'comment', NULL, NULL, NULL, 'database', d.description
FROM pg_shdescription d
WHERE d.classoid = 'pg_database'::regclass AND d.objoid = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND d.objoid >= 16384
