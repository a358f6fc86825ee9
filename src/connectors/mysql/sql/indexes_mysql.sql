-- As indexes_mariadb.sql, of a server that has functional indexes (8.0.13).
SELECT table_name, index_name, non_unique, index_type, column_name, sub_part, collation, expression, index_comment
FROM information_schema.statistics
WHERE table_schema = database()
ORDER BY table_name, index_name, seq_in_index
