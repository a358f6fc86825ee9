-- Result: the server counts reads and writes of tables; replicas are connected of which it tells us nothing.
SELECT pg_catalog.current_setting('track_counts')::boolean,
       EXISTS (SELECT FROM pg_catalog.pg_stat_replication r WHERE r.state IS NULL)
