-- What bears a name but for letters' case. $1 text: the name. Result: kind for people, schema, name.
SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table'
                      WHEN 'S' THEN 'sequence' WHEN 'i' THEN 'index' WHEN 'I' THEN 'index' WHEN 'c' THEN 'type'
                      ELSE 'table' END,
       n.nspname, c.relname
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE lower(c.relname) = lower($1) AND n.nspname !~ '^pg_(toast|temp)'
ORDER BY 1, 2, 3
LIMIT 10
