-- $1 text[]: schemas. Result: schema, exists, we may use it.
SELECT wanted.name, n.oid IS NOT NULL, coalesce(pg_catalog.has_schema_privilege(n.oid, 'USAGE'), false)
FROM unnest($1::text[]) AS wanted(name)
LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.name
ORDER BY 1
