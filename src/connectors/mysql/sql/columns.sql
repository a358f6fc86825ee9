-- The columns of all tables and views of the session's database. Result: table, name, type, default, nullable, extra, expression of a
-- generated one, character set, collation, comment.
SELECT table_name, column_name, column_type, column_default, is_nullable, extra, generation_expression, character_set_name, collation_name,
       column_comment
FROM information_schema.columns
WHERE table_schema = database()
ORDER BY table_name, ordinal_position
