-- What the server noted of the queries of this database. As JSON, because the columns differ between versions.
-- Constants of queries are noted as $1, but other statements word for word. What may have a secret in it stays on the
-- server: a word for one with a constant somewhere behind it, an address with a password, what connects to other servers
-- or starts programs. None of them is a query that could be assessed.
-- A database without an encoding may have noted any bytes: those that are no ASCII go as question marks.
COPY (
  SELECT current_setting('yb_voyager.node') AS source_node,
         CASE WHEN getdatabaseencoding() = 'SQL_ASCII'
              THEN to_jsonb(s) || jsonb_build_object('query', regexp_replace(s.query, '[^\x01-\x7F]', '?', 'g'))
              ELSE to_jsonb(s) END AS pgss_data
  FROM pg_stat_statements s
  WHERE s.dbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
    AND s.query !~* '(password|passwd|passphrase|secret|credential|api_?key|access_?key|private_?key|access_?token|auth_?token).*(''|\$([^0-9$[:space:]][^$[:space:]]*)?\$)'
    AND s.query !~* '://[^/@''[:space:]]*:[^@''[:space:]]+@'
    AND s.query !~* '^\s*(create|alter)\s+(user\s+mapping|subscription|server|foreign\s+data\s+wrapper)\M'
    AND s.query !~* '^\s*copy\M.*\mprogram\M'
) TO STDOUT WITH (FORMAT csv, HEADER)
