-- schemas: public,data
CREATE FUNCTION inner_f(i int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1 + i';
CREATE FUNCTION outer_f(i int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT inner_f(i) * 2';
CREATE SCHEMA data;
CREATE TABLE data.facts (id int PRIMARY KEY, n int);
INSERT INTO data.facts SELECT g, g FROM generate_series(1, 100) g;
CREATE INDEX facts_outer ON data.facts (outer_f(n));
CREATE INDEX facts_part ON data.facts (id) WHERE outer_f(n) > 10;
