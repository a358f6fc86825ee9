-- What fires when rows are loaded: enabled triggers of users, and foreign keys.
-- $1 text[], $2 text[]: schemas and names of tables, pair by pair.
-- Result: schema, table, trigger or constraint, is a foreign key, fires even in sessions that switch triggers off.
SELECT n.nspname, c.relname, t.tgname, false, t.tgenabled = 'A'
FROM unnest($1::text[], $2::text[]) AS wanted(schema_name, table_name)
JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.schema_name
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.table_name
JOIN pg_catalog.pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D'
UNION ALL
SELECT n.nspname, c.relname, k.conname, true, false
FROM unnest($1::text[], $2::text[]) AS wanted(schema_name, table_name)
JOIN pg_catalog.pg_namespace n ON n.nspname = wanted.schema_name
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.table_name
JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid AND k.contype = 'f'
ORDER BY 1, 2, 3
