-- Tables whose changes cannot be brought over rightly, with the reason.
-- $1, $2 schemas and names. Result: schema, name, reason.
SELECT n.nspname, c.relname,
       CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class k ON k.oid = i.inhrelid AND NOT k.relispartition
                         WHERE i.inhparent = c.oid)
            THEN 'other tables inherit from it: its changes would reach their rows'
            WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
            THEN 'it has no columns'
            WHEN EXISTS (SELECT FROM pg_catalog.pg_index x
                         JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (x.indkey::int2[])
                         WHERE x.indrelid = c.oid AND x.indisprimary AND pg_catalog.to_jsonb(a) ->> 'attgenerated' <> '')
            THEN 'its key is computed, and the log does not hold it' END
FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) AS w(schema_name, table_name)
JOIN pg_catalog.pg_namespace n ON n.nspname = w.schema_name
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w.table_name
ORDER BY 1, 2
