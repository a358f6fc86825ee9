-- What the present user is. Result: superuser, member of yb_superuser.
SELECT r.rolsuper,
       EXISTS (SELECT FROM pg_catalog.pg_roles y WHERE y.rolname = 'yb_superuser' AND pg_catalog.pg_has_role(r.oid, y.oid, 'MEMBER'))
FROM pg_catalog.pg_roles r
WHERE r.rolname = current_user
