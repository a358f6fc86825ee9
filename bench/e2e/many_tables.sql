-- :tables tables of ten rows, each with a key and an index: what a table costs by itself.
\set ON_ERROR_STOP on
SET client_min_messages = warning;

CREATE PROCEDURE make_tables(first int, last int) LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN first..last LOOP
    EXECUTE format('CREATE TABLE small_%s (id int PRIMARY KEY, name text NOT NULL, at timestamptz)', i);
    EXECUTE format('INSERT INTO small_%s SELECT n, ''name '' || n, ''2024-01-01'' FROM generate_series(1, 10) n', i);
    EXECUTE format('CREATE INDEX ON small_%s (name)', i);
    IF i % 500 = 0 THEN COMMIT; END IF;
  END LOOP;
END $$;
CALL make_tables(1, :tables);
DROP PROCEDURE make_tables;
ANALYZE;
