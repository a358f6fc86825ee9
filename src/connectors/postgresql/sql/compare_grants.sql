-- Rights as facts for a comparison: what is granted beside the rights that an object of its kind has by itself, and what is
-- revoked of these. Each server's own idea of the latter counts. "owner" stands for whoever owns the object.
-- $1 text[]: schemas. Result: kind, three parts of the name, text after the name, definition.
WITH object(classid, objid, objsubid, owner, acl, initial) AS (
  SELECT 'pg_class'::regclass, c.oid, 0, c.relowner, c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner)
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = ANY ($1::text[]) AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relacl IS NOT NULL
  UNION ALL
  SELECT 'pg_class'::regclass, c.oid, a.attnum, c.relowner, a.attacl, acldefault('c', c.relowner)
  FROM pg_attribute a
  JOIN pg_class c ON c.oid = a.attrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = ANY ($1::text[]) AND a.attacl IS NOT NULL AND NOT a.attisdropped
  UNION ALL
  SELECT 'pg_proc'::regclass, p.oid, 0, p.proowner, p.proacl, acldefault('f', p.proowner)
  FROM pg_proc p
  JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE n.nspname = ANY ($1::text[]) AND p.proacl IS NOT NULL
  UNION ALL
  SELECT 'pg_type'::regclass, t.oid, 0, t.typowner, t.typacl, acldefault('T', t.typowner)
  FROM pg_type t
  JOIN pg_namespace n ON n.oid = t.typnamespace
  WHERE n.nspname = ANY ($1::text[]) AND t.typacl IS NOT NULL
  UNION ALL
  -- The schema public is born with other rights on other versions: the same idea for all, which is the one of pg_dump.
  SELECT 'pg_namespace'::regclass, n.oid, 0, n.nspowner, n.nspacl,
         acldefault('n', n.nspowner) || CASE WHEN n.nspname = 'public' THEN ARRAY[makeaclitem(0, n.nspowner, 'USAGE', false)] ELSE '{}' END
  FROM pg_namespace n
  WHERE n.nspname = ANY ($1::text[]) AND n.nspacl IS NOT NULL
  UNION ALL
  SELECT 'pg_language'::regclass, l.oid, 0, l.lanowner, l.lanacl, acldefault('l', l.lanowner) FROM pg_language l WHERE l.lanacl IS NOT NULL
  UNION ALL
  SELECT 'pg_foreign_data_wrapper'::regclass, f.oid, 0, f.fdwowner, f.fdwacl, acldefault('F', f.fdwowner)
  FROM pg_foreign_data_wrapper f WHERE f.fdwacl IS NOT NULL
  UNION ALL
  SELECT 'pg_foreign_server'::regclass, f.oid, 0, f.srvowner, f.srvacl, acldefault('S', f.srvowner) FROM pg_foreign_server f WHERE f.srvacl IS NOT NULL
), named(name, owner, acl, initial) AS (
  SELECT i.type || ' ' || i.identity, o.owner, o.acl, o.initial
  FROM object o
  CROSS JOIN LATERAL pg_identify_object(o.classid, o.objid, o.objsubid) AS i
  WHERE NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = o.classid AND e.objid = o.objid AND e.deptype = 'e')
  UNION ALL
  SELECT 'large object ' || l.oid, l.lomowner, l.lomacl, acldefault('L', l.lomowner) FROM pg_largeobject_metadata l WHERE l.lomacl IS NOT NULL
)
SELECT 'grant', NULL::name, NULL::name, NULL::name, n.name,
       concat_ws(' ', changed.what, changed.privilege_type, CASE WHEN changed.what = 'revoked' THEN 'from' ELSE 'to' END,
                 CASE changed.grantee WHEN 0 THEN 'public' WHEN n.owner THEN 'owner' ELSE changed.grantee::regrole::text END,
                 CASE WHEN changed.is_grantable THEN 'with grant option' END)
FROM named n
CROSS JOIN LATERAL (
  SELECT 'granted' AS what, x.* FROM (SELECT grantee, privilege_type, is_grantable FROM aclexplode(n.acl)
                                      EXCEPT SELECT grantee, privilege_type, is_grantable FROM aclexplode(n.initial)) AS x
  UNION ALL
  SELECT 'revoked', y.* FROM (SELECT grantee, privilege_type, is_grantable FROM aclexplode(n.initial)
                              EXCEPT SELECT grantee, privilege_type, is_grantable FROM aclexplode(n.acl)) AS y
) AS changed
UNION ALL
SELECT 'default privileges', NULL, NULL, NULL,
       'of ' || pg_get_userbyid(d.defaclrole) || coalesce(' in schema ' || quote_ident(n.nspname), '') || ' on '
         || CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions' WHEN 'T' THEN 'types'
                                 WHEN 'n' THEN 'schemas' WHEN 'L' THEN 'large objects' ELSE d.defaclobjtype::text END,
       concat_ws(' ', a.privilege_type, 'to', CASE a.grantee WHEN 0 THEN 'public' ELSE a.grantee::regrole::text END,
                 CASE WHEN a.is_grantable THEN 'with grant option' END)
FROM pg_default_acl d
LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
CROSS JOIN LATERAL aclexplode(d.defaclacl) AS a
WHERE d.defaclnamespace = 0 OR n.nspname = ANY ($1::text[])
