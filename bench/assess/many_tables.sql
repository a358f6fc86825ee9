-- :tables tables in ten schemas, one in thirteen of them a partition: a key each, two more indexes on every second, a
-- foreign key on every tenth, rows and statistics on every eleventh, and now and then something that YugabyteDB does not do.
SELECT :tables / 500 AS partitioned, :tables - (:tables / 500) * 40 AS plain \gset

SELECT format('CREATE SCHEMA part_%s', i) FROM generate_series(0, 9) i \gexec

SET client_min_messages = warning;
SELECT set_config('bench.plain', :'plain', false), set_config('bench.partitioned', :'partitioned', false) \g /dev/null

-- Committed in between: one transaction would hold a lock for every table.
DO $$
DECLARE
  name text;
BEGIN
  FOR i IN 1 .. current_setting('bench.plain')::int LOOP
    name := format('part_%s.table_%s', i % 10, i);
    EXECUTE format('CREATE TABLE %s (id bigint PRIMARY KEY, customer bigint, status text NOT NULL DEFAULT ''new'',
                      at timestamptz, amount numeric(12, 2), note text, tags text[], body %s)',
                   name, CASE WHEN i % 200 = 0 THEN 'xml' WHEN i % 7 = 0 THEN 'jsonb' ELSE 'varchar(200)' END);
    IF i % 2 = 0 THEN
      EXECUTE format('CREATE INDEX ON %s (customer, at)', name);
      EXECUTE format('CREATE INDEX ON %s %s', name, CASE WHEN i % 500 = 0 THEN 'USING gin (tags)' ELSE '(status)' END);
    END IF;
    IF i % 11 = 0 OR i = 10 THEN
      EXECUTE format('INSERT INTO %s (id, customer, at) SELECT g, g, now() FROM generate_series(1, 5) g', name);
    END IF;
    IF i % 10 = 0 AND i > 10 THEN
      EXECUTE format('ALTER TABLE %s ADD FOREIGN KEY (customer) REFERENCES part_0.table_10 (id)%s', name,
                     CASE WHEN i % 1000 = 0 THEN ' DEFERRABLE' ELSE '' END);
    END IF;
    IF i % 200 = 0 THEN COMMIT; END IF;
  END LOOP;
END
$$;

DO $$
DECLARE
  name text;
BEGIN
  FOR i IN 1 .. current_setting('bench.partitioned')::int LOOP
    name := format('part_%s.events_%s', i % 10, i);
    EXECUTE format('CREATE TABLE %s (id bigint, day int, kind text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)', name);
    EXECUTE format('CREATE INDEX ON %s (kind)', name);
    FOR part IN 1 .. 39 LOOP
      EXECUTE format('CREATE TABLE %s_%s PARTITION OF %s FOR VALUES FROM (%s) TO (%s)', name, part, name, part, part + 1);
    END LOOP;
    COMMIT;
  END LOOP;
END
$$;

CREATE VIEW part_0.open_ones AS SELECT id, status FROM part_0.table_10 WHERE status = 'new';
CREATE FUNCTION part_0.locks() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM ctid FROM part_0.table_10; END $$;

SELECT format('ANALYZE part_%s.table_%s', i % 10, i) FROM generate_series(11, :plain, 11) i \gexec
