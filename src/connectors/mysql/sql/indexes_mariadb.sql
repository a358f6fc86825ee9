-- The parts of the indexes of all tables of the session's database. Result: table, index, not unique, type, column, prefix, order,
-- expression (MariaDB has none), comment.
SELECT table_name, index_name, non_unique, index_type, column_name, sub_part, collation, NULL, index_comment
FROM information_schema.statistics
WHERE table_schema = database()
ORDER BY table_name, index_name, seq_in_index
