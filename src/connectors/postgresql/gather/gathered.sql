-- What the CSV files do not tell: one JSON object, kept beside them as gathered.json. yb_voyager.interval is the number of
-- seconds between the two readings of the load.
SELECT jsonb_build_object(
  'format_version', 1,
  'gathered_at', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
  'iops_capture_interval', current_setting('yb_voyager.interval')::int,
  'server_version', split_part(version(), ' ', 1) || ' ' || current_setting('server_version'),
  'database', current_database(),
  'schemas', to_jsonb(current_setting('yb_voyager.schemas')::text[]))
