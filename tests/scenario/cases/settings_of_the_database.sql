-- Settings of both databases that would change values, names, or what a session may do.
-- before: DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET array_nulls = off', current_database()); EXECUTE format('ALTER DATABASE %I SET quote_all_identifiers = on', current_database()); END $$
DO $$ BEGIN
  EXECUTE format('ALTER DATABASE %I SET array_nulls = off', current_database());
  EXECUTE format('ALTER DATABASE %I SET quote_all_identifiers = on', current_database());
END $$;
CREATE TABLE t (id int PRIMARY KEY, words text[], numbers int[], at date DEFAULT now());
INSERT INTO t VALUES (1, ARRAY['x', NULL, 'NULL'], ARRAY[1, NULL], '2020-01-01');
CREATE FUNCTION f() RETURNS text LANGUAGE sql SET search_path FROM CURRENT AS 'SELECT words[1] FROM t';
