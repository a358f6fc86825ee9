-- $1 text[]: schemas that are to be used on the target.
-- Result: schema, exists, we may create in it, we may create schemas in this database.
SELECT wanted.name, n.oid IS NOT NULL, coalesce(pg_catalog.has_schema_privilege(n.oid, 'CREATE'), false),
       pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')
FROM unnest($1::text[]) AS wanted(name)
LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.name
ORDER BY 1
