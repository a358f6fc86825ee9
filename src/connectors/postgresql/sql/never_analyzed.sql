-- Schemas with tables of which none was ever analyzed. $1 text[]: schemas. Result: schema.
SELECT n.nspname
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname::text IN (SELECT unnest($1::text[])) AND c.relkind = 'r'
GROUP BY n.nspname
HAVING pg_catalog.bool_and(pg_catalog.pg_stat_get_last_analyze_time(c.oid) IS NULL
                           AND pg_catalog.pg_stat_get_last_autoanalyze_time(c.oid) IS NULL)
ORDER BY 1
