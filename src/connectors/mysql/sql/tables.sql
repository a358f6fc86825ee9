-- The tables and sequences of the session's database. Result: name, type, engine, comment, next AUTO_INCREMENT value, bytes, estimated rows.
SELECT table_name, table_type, engine, table_comment, auto_increment, coalesce(data_length, 0), coalesce(table_rows, 0)
FROM information_schema.tables
WHERE table_schema = database() AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED', 'SEQUENCE')
ORDER BY table_name
