-- Views that a dump writes in two parts: they need a primary key, or are in a circle with a function.
CREATE TABLE t (id int PRIMARY KEY, name text, n int);
INSERT INTO t VALUES (1, 'a', 2), (2, 'b', 3);
CREATE VIEW grouped AS SELECT t.id, t.name, count(*) AS rows FROM t GROUP BY t.id;
CREATE VIEW ring AS SELECT 1::int AS a;
CREATE FUNCTION in_circle() RETURNS SETOF ring LANGUAGE sql AS 'SELECT 1';
CREATE OR REPLACE VIEW ring AS SELECT a FROM (SELECT 1::int a) z WHERE EXISTS (SELECT FROM in_circle());
CREATE FUNCTION of_grouped() RETURNS SETOF grouped LANGUAGE sql AS 'SELECT * FROM grouped';
