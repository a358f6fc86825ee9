-- The queries of this database that were called. gather/session.sql has been run before: it sets where pg_stat_statements
-- is looked for. Older versions of it have other names for the times. Result: id, query, calls, rows, total, mean, min,
-- max, standard deviation (milliseconds).
SELECT j ->> 'queryid', j ->> 'query', j ->> 'calls', j ->> 'rows',
       coalesce(j ->> 'total_exec_time', j ->> 'total_time'), coalesce(j ->> 'mean_exec_time', j ->> 'mean_time'),
       coalesce(j ->> 'min_exec_time', j ->> 'min_time'), coalesce(j ->> 'max_exec_time', j ->> 'max_time'),
       coalesce(j ->> 'stddev_exec_time', j ->> 'stddev_time')
FROM (SELECT to_jsonb(s) AS j
      FROM pg_stat_statements s
      WHERE s.calls > 0
        AND s.dbid = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = current_database())) one
WHERE j ->> 'queryid' IS NOT NULL AND j ->> 'query' IS NOT NULL
