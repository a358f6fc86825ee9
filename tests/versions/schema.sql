-- What each version of PostgreSQL brought, as far as a migration sees it. A part starts with its version, and is loaded where
-- both sides have that version; "source" behind it: also where only the source has it, because it changes nothing but how
-- the server stores or plans, and import schema leaves it out where the target does not know it.

-- 11
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TYPE pair AS (x positive, y text);
CREATE DOMAIN checked_pair AS pair CHECK ((VALUE).x < 100);
CREATE PROCEDURE does_nothing(a integer, INOUT b text) LANGUAGE plpgsql AS 'BEGIN b := a::text; END';
CREATE TABLE plain (id serial PRIMARY KEY, t text COLLATE "C" DEFAULT 'd', m mood, p checked_pair, n numeric(10, 2), j jsonb, a text[], f float8, d timestamptz DEFAULT now(), b bytea);
INSERT INTO plain (t, m, p, n, j, a, f, d, b)
  SELECT 'text ' || g, 'happy', ROW(g % 99 + 1, 'y')::pair, g / 7.0, jsonb_build_object('k', g), ARRAY['a', NULL, g::text], g / 3.0, '2024-02-29 12:00+02'::timestamptz + g * interval '1 us', decode(md5(g::text), 'hex')
  FROM generate_series(1, 500) g;
INSERT INTO plain (t) VALUES (NULL), (''), (E'tab\t\\N\n'), ('ä€😀');
ALTER TABLE plain ADD COLUMN late int NOT NULL DEFAULT 7;
CREATE INDEX plain_covering ON plain (t) INCLUDE (n, late);
CREATE INDEX plain_expression ON plain ((lower(t)), (n + 1)) WHERE late > 1;
ALTER INDEX plain_expression ALTER COLUMN 1 SET STATISTICS 50;
CREATE TABLE hashed (id int, k text, PRIMARY KEY (id, k), UNIQUE (k, id)) PARTITION BY HASH (id);
CREATE TABLE hashed_0 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE hashed_1 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE INDEX ON hashed (k);
INSERT INTO hashed SELECT g, 'k' || g % 5 FROM generate_series(1, 300) g;
CREATE TABLE ranged (day date NOT NULL, v int REFERENCES plain) PARTITION BY RANGE (day);
CREATE TABLE ranged_old PARTITION OF ranged FOR VALUES FROM (MINVALUE) TO ('2024-01-01');
CREATE TABLE ranged_rest PARTITION OF ranged DEFAULT;
INSERT INTO ranged SELECT '2023-12-01'::date + g, g FROM generate_series(1, 60) g;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER after_row AFTER INSERT ON ranged FOR EACH ROW EXECUTE FUNCTION touch();
CREATE PROCEDURE tidy(INOUT x int) LANGUAGE plpgsql AS 'BEGIN x := x + 1; COMMIT; END';
CREATE TABLE numbered (id int GENERATED ALWAYS AS IDENTITY (INCREMENT 5), x int);
INSERT INTO numbered (x) SELECT g FROM generate_series(1, 10) g;
CREATE SEQUENCE small AS smallint INCREMENT -2 MAXVALUE 100 START 100; SELECT nextval('small'), nextval('small');
CREATE VIEW seen AS SELECT id, t, count(*) OVER (ORDER BY id RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) FROM plain;
CREATE MATERIALIZED VIEW summed AS SELECT m, sum(n) AS n FROM plain GROUP BY m;
CREATE UNIQUE INDEX ON summed (m);
ALTER TABLE plain ALTER COLUMN t SET STATISTICS 200, ALTER COLUMN b SET STORAGE EXTERNAL, SET (fillfactor = 80, autovacuum_enabled = false);
ALTER TABLE plain ALTER COLUMN t SET (n_distinct = 100);
ALTER TABLE numbered ENABLE ROW LEVEL SECURITY;
CREATE POLICY only_small ON numbered AS RESTRICTIVE FOR SELECT USING (x < 100);
COMMENT ON TABLE plain IS 'what every version has';

-- 12
CREATE TABLE computed (a int PRIMARY KEY, b int GENERATED ALWAYS AS (a * 2) STORED, path jsonpath);
INSERT INTO computed (a, path) SELECT g, '$.a[*] ? (@ > 1)' FROM generate_series(1, 50) g;
CREATE COLLATION no_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE folded (t text COLLATE no_case UNIQUE); INSERT INTO folded VALUES ('Anna'), ('bertha');
CREATE TABLE refers (id int, k text, FOREIGN KEY (id, k) REFERENCES hashed ON DELETE CASCADE);
INSERT INTO refers SELECT id, k FROM hashed LIMIT 50;
CREATE STATISTICS computed_mcv (mcv, dependencies) ON a, b FROM computed;
CREATE VIEW once AS WITH one AS MATERIALIZED (SELECT a FROM computed) SELECT a FROM one;

-- 12 source
CREATE TABLE truncated_never (id int PRIMARY KEY) WITH (vacuum_truncate = false, vacuum_index_cleanup = false);

-- 13
CREATE TRIGGER before_row BEFORE INSERT ON hashed FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TABLE with_transaction (x xid8, l pg_lsn); INSERT INTO with_transaction VALUES ('18446744073709551615', '16/B374D848');
ALTER STATISTICS computed_mcv SET STATISTICS 300;
CREATE OPERATOR CLASS upside_down FOR TYPE int USING btree AS OPERATOR 1 >, OPERATOR 2 >=, OPERATOR 3 =, OPERATOR 4 <=, OPERATOR 5 <, FUNCTION 1 btint4cmp(int, int);
CREATE INDEX computed_trigram ON computed USING gin ((ARRAY[a, b]));

-- 13 source
CREATE INDEX plain_doubled ON plain (late) WITH (deduplicate_items = off, fillfactor = 70);
CREATE TABLE inserted_often (id int PRIMARY KEY) WITH (autovacuum_vacuum_insert_threshold = 5000, fillfactor = 90);

-- 14
ALTER TABLE plain ADD COLUMN normal text GENERATED ALWAYS AS (normalize(t)) STORED;
CREATE TYPE span AS RANGE (subtype = float8, multirange_type_name = spans);
CREATE TABLE spanned (s span, m spans, i int4multirange, EXCLUDE USING gist (s WITH &&));
INSERT INTO spanned VALUES ('[1.5,2)', '{[1,2),[3,4)}', '{[1,3),[7,9)}'), (NULL, NULL, NULL);
CREATE FUNCTION doubled(i int) RETURNS int IMMUTABLE BEGIN ATOMIC SELECT i * 2; END;
CREATE PROCEDURE answered(IN a int, OUT b int) LANGUAGE plpgsql AS 'BEGIN b := a; END';
CREATE STATISTICS computed_expressions ON (a + 1), (b * 2) FROM computed;
CREATE INDEX plain_minmax ON plain USING brin (late int4_minmax_multi_ops, t text_bloom_ops);
CREATE VIEW tree AS WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5) SEARCH DEPTH FIRST BY n SET ordered CYCLE n SET looped USING way SELECT n, looped FROM t ORDER BY ordered;

-- 14 source
CREATE TABLE packed (id int PRIMARY KEY, t text COMPRESSION pglz); INSERT INTO packed SELECT g, repeat('x', 5000) FROM generate_series(1, 20) g;

-- 15
CREATE TABLE one_null (a int, b int, UNIQUE NULLS NOT DISTINCT (a, b)); INSERT INTO one_null VALUES (1, NULL), (2, 2);
CREATE VIEW as_caller WITH (security_invoker = true) AS SELECT id FROM plain;
CREATE TABLE parent (id int, tenant int, PRIMARY KEY (tenant, id)); INSERT INTO parent VALUES (1, 1), (2, 1);
CREATE TABLE orphan (id int PRIMARY KEY, tenant int, parent int, FOREIGN KEY (tenant, parent) REFERENCES parent ON DELETE SET NULL (parent));
INSERT INTO orphan VALUES (1, 1, 1), (2, 1, 2);
CREATE TABLE rounded (n numeric(3, -2), s numeric(2, 5)); INSERT INTO rounded VALUES (12345, 0.00012);
CREATE UNLOGGED TABLE scratch (id int GENERATED BY DEFAULT AS IDENTITY); INSERT INTO scratch DEFAULT VALUES;

-- 16
CREATE TABLE is_json (id int PRIMARY KEY, t text CHECK (t IS JSON OBJECT), h int DEFAULT 0xff_ff);
INSERT INTO is_json VALUES (1, '{"a": 1}'), (2, NULL);
CREATE VIEW built AS SELECT json_object('id' : id, 'h' : h) AS j, any_value(t) AS t FROM is_json GROUP BY id, h;
CREATE COLLATION with_rules (provider = icu, locale = 'und', rules = '&a < g');

-- 17
CREATE TABLE identified (id int GENERATED ALWAYS AS IDENTITY, k int) PARTITION BY LIST (k);
CREATE TABLE identified_1 PARTITION OF identified FOR VALUES IN (1); CREATE TABLE identified_2 PARTITION OF identified DEFAULT;
INSERT INTO identified (k) SELECT g % 3 FROM generate_series(1, 30) g;
CREATE TABLE excluded (k int, r int4range, EXCLUDE USING gist (r WITH &&, int4range(k, k, '[]') WITH =)); INSERT INTO excluded VALUES (1, '[1,5)');
CREATE COLLATION by_code (provider = builtin, locale = 'C.UTF-8');
CREATE TABLE forever (i interval, t text COLLATE by_code); INSERT INTO forever VALUES ('infinity', 'ä'), ('-infinity', 'z');
CREATE VIEW tabular AS SELECT * FROM json_table(jsonb '[{"a": 1}, {"a": 2}]', '$[*]' COLUMNS (a int PATH '$.a'));
CREATE FUNCTION merged() RETURNS void LANGUAGE sql BEGIN ATOMIC MERGE INTO is_json j USING (SELECT 9 AS id) s ON j.id = s.id WHEN NOT MATCHED BY SOURCE THEN DO NOTHING; END;

-- 18
CREATE TABLE virtual (a int PRIMARY KEY, v int GENERATED ALWAYS AS (a + 1) VIRTUAL, w text GENERATED ALWAYS AS ('w' || a) STORED);
INSERT INTO virtual SELECT g FROM generate_series(1, 40) g;
CREATE EXTENSION btree_gist;
CREATE TABLE booked (room int, during daterange, PRIMARY KEY (room, during WITHOUT OVERLAPS));
CREATE TABLE paid (id int PRIMARY KEY, room int, during daterange, FOREIGN KEY (room, PERIOD during) REFERENCES booked (room, PERIOD during));
INSERT INTO booked VALUES (1, '[2024-01-01,2024-02-01)'), (1, '[2024-02-01,2024-03-01)'); INSERT INTO paid VALUES (1, 1, '[2024-01-10,2024-02-10)');
CREATE TABLE lax (a int CONSTRAINT above CHECK (a > 0) NOT ENFORCED, b int CONSTRAINT named NOT NULL, c int); INSERT INTO lax VALUES (-1, 1, NULL);
ALTER TABLE lax ADD CONSTRAINT later NOT NULL c NOT VALID;
ALTER TABLE lax ADD CONSTRAINT loose FOREIGN KEY (b) REFERENCES virtual NOT ENFORCED;
CREATE TABLE sorted (id uuid DEFAULT uuidv7(), t text COLLATE pg_unicode_fast); INSERT INTO sorted (t) VALUES ('ß');
CREATE FUNCTION returned() RETURNS int LANGUAGE sql BEGIN ATOMIC UPDATE virtual SET a = a WHERE a < 0 RETURNING OLD.a + NEW.a; END;
