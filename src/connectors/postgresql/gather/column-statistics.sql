-- What ANALYZE noted of each column. A partitioned table has notes of itself with its partitions only; of a table that
-- others inherit from, those of its own rows are taken. In no order: the values would be sorted with the names.
-- Values of what is called a secret stay on the server. A database without an encoding may hold any bytes: those that
-- are no ASCII go as question marks.
COPY (
  SELECT current_setting('yb_voyager.node') AS source_node, s.schemaname AS schema_name, s.tablename AS table_name,
         s.attname AS column_name, s.null_frac,
         CASE WHEN s.n_distinct < 0 THEN round((-s.n_distinct * greatest(c.reltuples, 0))::numeric)
              ELSE s.n_distinct::numeric END AS effective_n_distinct,
         coalesce(s.most_common_freqs[1], 0) AS most_common_freq,
         CASE WHEN s.attname::text ~* '(passw|passphrase|secret|token|api_?key)' THEN NULL
              WHEN getdatabaseencoding() = 'SQL_ASCII'
              THEN regexp_replace((s.most_common_vals::text::text[])[1], '[^\x01-\x7F]', '?', 'g')
              ELSE (s.most_common_vals::text::text[])[1] END AS most_common_val
  FROM pg_stats s
  JOIN pg_namespace n ON n.nspname = s.schemaname
  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = s.tablename
  WHERE n.nspname::text IN (SELECT unnest(current_setting('yb_voyager.schemas')::text[]))
    AND s.inherited = (c.relkind = 'p')
) TO STDOUT WITH (FORMAT csv, HEADER)
