-- COPY puts rows into a table just as INSERT does: no policy and no rule sees to it that other rows come in.
-- $1, $2 schema and name. One row when the table is there.
SELECT c.relkind IN ('r', 'p') AND NOT pg_catalog.row_security_active(c.oid)
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid AND r.ev_type = '3' AND r.ev_enabled <> 'D')
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2
