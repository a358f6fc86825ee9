-- Whether the bookkeeping exists and whether we may use it.
-- Result: schema exists, we may create in it, we may create schemas in this database.
SELECT n.oid IS NOT NULL, coalesce(pg_catalog.has_schema_privilege(n.oid, 'CREATE'), false),
       pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')
FROM (VALUES ('ybvoyager_metadata')) AS wanted(name)
LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.name
