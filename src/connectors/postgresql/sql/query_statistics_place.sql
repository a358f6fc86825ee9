-- Where pg_stat_statements is and whether we may read it. Result: its schema, we may use the schema, we may see the
-- queries of all users. No row: it is not installed in this database.
SELECT n.nspname, pg_catalog.has_schema_privilege(n.oid, 'USAGE'),
       (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = current_user)
         OR EXISTS (SELECT FROM pg_catalog.pg_roles r
                    WHERE r.rolname = 'pg_read_all_stats' AND pg_catalog.pg_has_role(r.oid, 'USAGE'))
FROM pg_catalog.pg_extension e
JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname = 'pg_stat_statements'
