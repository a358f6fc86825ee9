-- Large objects that we may not read: neither their owner's power nor the right SELECT, and the server checks rights.
-- Result: how many, some of their numbers.
SELECT count(*), (array_agg(m.oid ORDER BY m.oid))[1:5]
FROM pg_catalog.pg_largeobject_metadata m
WHERE NOT pg_catalog.current_setting('is_superuser')::boolean
  AND NOT pg_catalog.current_setting('lo_compat_privileges')::boolean
  AND NOT EXISTS (
    SELECT FROM pg_catalog.aclexplode(coalesce(m.lomacl, pg_catalog.acldefault('L', m.lomowner))) a
    WHERE a.privilege_type = 'SELECT' AND (a.grantee = 0 OR pg_catalog.pg_has_role(a.grantee, 'USAGE')))
