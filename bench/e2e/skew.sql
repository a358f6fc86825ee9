-- The same rows twice over: `parts` tables hold 90 % of the bytes, ten more the rest. `scale` is a percentage.
\set rows 15000 * :scale / :parts
SELECT format('CREATE TABLE part_%s (id bigint PRIMARY KEY, at timestamptz, n numeric, body text); INSERT INTO part_%s SELECT g, ''2020-01-01''::timestamptz + g * interval ''1 second'', g / 7.0, repeat(md5(g::text), 8) FROM generate_series(1, %s) g;', i, i, :rows)
  FROM generate_series(1, :parts) i \gexec
\set rest 167 * :scale
SELECT format('CREATE TABLE rest_%s (id bigint PRIMARY KEY, at timestamptz, n numeric, body text); INSERT INTO rest_%s SELECT g, ''2020-01-01''::timestamptz + g * interval ''1 second'', g / 7.0, repeat(md5(g::text), 8) FROM generate_series(1, %s) g;', i, i, :rest)
  FROM generate_series(1, 10) i \gexec
ANALYZE;
