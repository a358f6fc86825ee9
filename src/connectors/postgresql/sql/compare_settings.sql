-- Settings that the database, or a role within it, starts with, as facts for a comparison.
-- $1 text[]: not used. Result: kind, three parts of the name, text after the name, definition.
SELECT 'database setting', NULL, NULL, NULL,
       CASE s.setrole WHEN 0 THEN '' ELSE 'of role ' || s.setrole::regrole::text || ' ' END || split_part(one, '=', 1),
       substr(one, strpos(one, '=') + 1)
FROM pg_db_role_setting s
CROSS JOIN unnest(s.setconfig) AS one
WHERE s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) AND $1::text[] IS NOT NULL
  -- A source is often frozen this way for a migration; it is never carried.
  AND split_part(one, '=', 1) <> 'default_transaction_read_only'
