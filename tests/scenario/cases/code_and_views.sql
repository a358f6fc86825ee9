-- schemas: public,app
-- setting: import data --yes
CREATE SCHEMA app;
CREATE TABLE t (id serial PRIMARY KEY, a int, changed int DEFAULT 0);
CREATE TABLE audit (n int, what text);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $fn$
BEGIN
  -- A semicolon; in a comment, and a 'quote.

  NEW.changed := NEW.changed + 1;
  INSERT INTO audit VALUES (NEW.id, $inner$inserted; $$ $inner$);
  RETURN NEW;
END $fn$;
CREATE TRIGGER on_insert BEFORE INSERT ON t FOR EACH ROW WHEN (NEW.a > 0) EXECUTE FUNCTION touch();
CREATE TRIGGER always AFTER UPDATE OF a ON t FOR EACH ROW EXECUTE FUNCTION touch();
ALTER TABLE t ENABLE ALWAYS TRIGGER always;
CREATE TRIGGER off AFTER DELETE ON t FOR EACH STATEMENT EXECUTE FUNCTION touch();
ALTER TABLE t DISABLE TRIGGER off;
INSERT INTO t (a) SELECT g FROM generate_series(1, 100) g;
CREATE FUNCTION app.plus(a int, b int DEFAULT 1) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT a + b';
CREATE FUNCTION app.plus(a text, b text) RETURNS text LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT a || b; END;
CREATE PROCEDURE app.work(INOUT n int) LANGUAGE plpgsql AS $$ BEGIN n := n * 2; END $$;
CREATE AGGREGATE app.total (int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
CREATE OPERATOR app.|+| (LEFTARG = text, RIGHTARG = text, FUNCTION = app.plus);
CREATE VIEW low AS SELECT id, a FROM t WHERE a < 50 WITH LOCAL CHECK OPTION;
CREATE VIEW app.on_view AS SELECT app.plus(a) AS b, count(*) FROM public.low GROUP BY 1;
CREATE RECURSIVE VIEW counting (n) AS VALUES (1) UNION ALL SELECT n + 1 FROM counting WHERE n < 5;
CREATE MATERIALIZED VIEW app.sums AS SELECT a % 10 AS k, sum(a) AS s FROM public.t GROUP BY 1;
CREATE UNIQUE INDEX sums_k ON app.sums (k);
CREATE MATERIALIZED VIEW of_mview AS SELECT max(s) AS m FROM app.sums;
CREATE MATERIALIZED VIEW not_filled AS SELECT * FROM t WITH NO DATA;
CREATE RULE as_nothing AS ON DELETE TO audit DO INSTEAD NOTHING;
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE POLICY visible ON t FOR SELECT USING (a > 0);
CREATE COLLATION app.german (provider = icu, locale = 'de-u-co-phonebk');
CREATE TABLE sorted (a text COLLATE app.german PRIMARY KEY);
INSERT INTO sorted VALUES ('Ärger'), ('Arger');
CREATE CONVERSION app.conv FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1;
CREATE UNLOGGED TABLE fleeting (a int PRIMARY KEY);
INSERT INTO fleeting SELECT generate_series(1, 50);
COMMENT ON TABLE t IS 'it''s a comment; with "everything"';
