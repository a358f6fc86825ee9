-- The server's roles. Parameters: $1, what a member needs beside the use of the role's rights to act as it: USAGE or SET.
-- Result: name; whether we are a member that may give objects to it and keeps the rights to them; whether it is us.
SELECT rolname, pg_catalog.pg_has_role(oid, 'USAGE') AND pg_catalog.pg_has_role(oid, $1), rolname = current_user
  FROM pg_catalog.pg_roles
 ORDER BY rolname
