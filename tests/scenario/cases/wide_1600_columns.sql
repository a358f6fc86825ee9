DO $$ BEGIN
  EXECUTE (SELECT 'CREATE TABLE wide (' || string_agg(format('c%s %s', g, (ARRAY['int', 'boolean', 'smallint', 'text'])[1 + g % 4]), ', ') || ')' FROM generate_series(1, 1600) g);
  EXECUTE (SELECT 'INSERT INTO wide SELECT ' || string_agg((ARRAY['r', 'r % 2 = 0', 'NULL::smallint', 'CASE WHEN r % 400 = ' || g / 4 || ' THEN ''text '' || r END'])[1 + g % 4], ', ') || ' FROM generate_series(1, 60) r' FROM generate_series(1, 1600) g);
END $$;
