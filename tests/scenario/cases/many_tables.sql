DO $$ BEGIN
  FOR i IN 1..150 LOOP
    EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, a text, b timestamptz DEFAULT now()); INSERT INTO t%s SELECT g, %L || g, ''2020-01-01'' FROM generate_series(1, %s) g; CREATE INDEX ON t%s (a)', i, i, 'v', i % 40, i);
  END LOOP;
END $$;
