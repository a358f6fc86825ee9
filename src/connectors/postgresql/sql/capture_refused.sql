-- Tables whose changes cannot be brought over rightly, with the reason. Rows without a key are named by all of their values, and a server
-- that computes one of them only when it is read refuses the application's UPDATE and DELETE of a table that is published so.
-- $1, $2 schemas and names. Result: schema, name, reason, the table is there.
SELECT w.schema_name, w.table_name,
       CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND pg_catalog.to_jsonb(a) ->> 'attgenerated' = 'v')
             AND NOT EXISTS (SELECT FROM pg_catalog.pg_index i
                             WHERE i.indrelid = c.oid AND i.indisunique AND i.indimmediate AND i.indisvalid AND i.indpred IS NULL
                               AND i.indexprs IS NULL
                               AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid
                                               AND a.attnum = ANY (i.indkey::int2[])
                                               AND (NOT a.attnotnull OR pg_catalog.to_jsonb(a) ->> 'attgenerated' <> '')))
            THEN 'it has a VIRTUAL column and no key: the server would refuse to update it' END,
       c.oid IS NOT NULL
FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) AS w(schema_name, table_name)
LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = w.schema_name
LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w.table_name
ORDER BY 1, 2
