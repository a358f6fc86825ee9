-- Which of the described tables and columns are not what they were.
-- $1 to $5 text[]: of each table and column the table's number, schema and name, the column's number and name (number 0: the table alone).
-- One row for each whose name is another's now, or that is gone.
SELECT w.table_name, w.column_name
FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3), pg_catalog.unnest($4), pg_catalog.unnest($5))
  AS w(table_number, schema_name, table_name, column_number, column_name)
WHERE CASE WHEN w.column_number = '0'
           THEN NOT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                            WHERE c.oid = w.table_number::oid AND c.relname = w.table_name AND n.nspname = w.schema_name)
           ELSE NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a
                            WHERE a.attrelid = w.table_number::oid AND a.attnum = w.column_number::int2 AND a.attname = w.column_name
                              AND NOT a.attisdropped) END
