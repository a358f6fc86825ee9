-- What we may not do with tables and with the sequences of their schemas.
-- $1 text[], $2 text[]: schemas and names of tables, pair by pair.
-- Result: schema, name, is a sequence, missing right.
SELECT n.nspname, c.relname, false, p.privilege
FROM unnest($1::text[], $2::text[]) AS wanted(schema_name, table_name)
JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.schema_name
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.table_name AND c.relkind IN ('r', 'p')
CROSS JOIN (VALUES ('INSERT'), ('SELECT'), ('TRUNCATE')) AS p(privilege)
WHERE NOT pg_catalog.has_table_privilege(c.oid, p.privilege)
UNION ALL
SELECT n.nspname, s.relname, true, 'UPDATE'
FROM pg_catalog.pg_class s
JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace
WHERE n.nspname = ANY ($1::text[])
  AND CASE WHEN s.relkind = 'S' THEN NOT pg_catalog.has_sequence_privilege(s.oid, 'UPDATE') ELSE false END
ORDER BY 4, 1, 2
