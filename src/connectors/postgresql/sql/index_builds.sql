-- Running CREATE INDEX of this database, server 12 and later. The index of a build that has not committed has no name that
-- others can see, so the statement's text comes along.
-- Result: schema, table, index (null: not visible), phase, blocks done, blocks in all, tuples done, tuples in all, statement.
SELECT n.nspname, t.relname, x.relname, p.phase, p.blocks_done, p.blocks_total, p.tuples_done, p.tuples_total, a.query
FROM pg_catalog.pg_stat_progress_create_index p
JOIN pg_catalog.pg_class t ON t.oid = p.relid
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
LEFT JOIN pg_catalog.pg_class x ON x.oid = p.index_relid
LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = p.pid
WHERE p.datname = pg_catalog.current_database()
ORDER BY 1, 2, 3
