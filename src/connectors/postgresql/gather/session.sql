-- What holds for every query of this folder, whoever runs it: nothing is written, no lock is waited for without end,
-- values read the same in every session, and time grows with the size of the catalogue only (the planner, which knows
-- little of these views, must not go through one of them again for each row of another). Settings that the server does
-- not know are left out. Before this the runner sets yb_voyager.schemas (an array literal of exact names) and
-- yb_voyager.node.
DO $$
BEGIN
  PERFORM pg_catalog.set_config(s.name, w.value, false)
  FROM (VALUES ('default_transaction_read_only', 'on'), ('statement_timeout', '0'), ('lock_timeout', '60000'),
               ('idle_in_transaction_session_timeout', '0'), ('idle_session_timeout', '0'),
               ('transaction_timeout', '0'), ('jit', 'off'), ('work_mem', '65536'),
               ('max_parallel_workers_per_gather', '0'), ('enable_nestloop', 'off'),
               ('datestyle', 'ISO'), ('intervalstyle', 'postgres'), ('extra_float_digits', '3'),
               ('bytea_output', 'hex'), ('lc_monetary', 'C'), ('standard_conforming_strings', 'on')) AS w(name, value)
  JOIN pg_catalog.pg_settings s ON pg_catalog.lower(s.name) = w.name;
  -- pg_stat_statements may live in any schema, and what others put into theirs must not answer instead.
  PERFORM pg_catalog.set_config('search_path', coalesce(
    (SELECT 'pg_catalog, ' || pg_catalog.quote_ident(n.nspname)
     FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
     WHERE e.extname = 'pg_stat_statements'), 'pg_catalog'), false);
END
$$
