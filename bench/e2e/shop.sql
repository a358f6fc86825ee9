-- About 1 GB: one wide table, one whose bytes sit in TOAST, a hundred small ones. `scale` is a percentage.
\set wide 20000 * :scale
\set toasted 30 * :scale
CREATE TABLE wide (
  id bigint PRIMARY KEY, customer int NOT NULL, price numeric(12,2) NOT NULL, tax numeric, at timestamptz NOT NULL, changed timestamptz,
  key uuid NOT NULL, tags text[], detail jsonb, name text, note text);
INSERT INTO wide
  SELECT g, g % 50000, (g % 1000000) / 100.0, (g % 777) / 7.0, '2020-01-01'::timestamptz + g * interval '41 seconds',
         CASE WHEN g % 3 = 0 THEN '2024-01-01'::timestamptz + g * interval '1 second' END,
         md5(g::text)::uuid, ARRAY['tag' || g % 17, 'tag' || g % 5], jsonb_build_object('n', g, 'kind', g % 9, 'ok', g % 2 = 0),
         'customer ' || g % 50000, 'note ' || md5((g * 7)::text)
    FROM generate_series(1, :wide) g;
CREATE INDEX wide_customer ON wide (customer, at);
CREATE INDEX wide_at ON wide (at);
CREATE TABLE toasted (name text PRIMARY KEY, body text);
ALTER TABLE toasted ALTER body SET STORAGE EXTERNAL;
-- 100 kB a row that no compressor makes small.
INSERT INTO toasted SELECT 'document ' || g, (SELECT string_agg(md5(g || '/' || i), '') FROM generate_series(1, 3200) i) FROM generate_series(1, :toasted) g;
SELECT format('CREATE TABLE small_%s (id int PRIMARY KEY, a text, b numeric); INSERT INTO small_%s SELECT g, md5(g::text), g / 3.0 FROM generate_series(1, 1000) g; CREATE INDEX ON small_%s (a);', i, i, i)
  FROM generate_series(1, 100) i \gexec
ANALYZE;
