-- What the server noted of the queries of this database. As JSON, because the columns differ between versions.
-- Statements that set passwords are noted word for word, those of applications with $1 for a constant: what has both the
-- word and a constant behind it stays on the server.
COPY (
  SELECT current_setting('yb_voyager.node') AS source_node, to_jsonb(s) AS pgss_data
  FROM pg_stat_statements s
  WHERE s.dbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
    AND s.query !~* 'password.*(''|\$[a-z_]*\$)'
) TO STDOUT WITH (FORMAT csv, HEADER)
