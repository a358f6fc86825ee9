-- schemas: public,other
CREATE SCHEMA other;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'HAPPY!', 'it''s', 'comma,quote"', '');
CREATE TYPE other."Mixed Enum" AS ENUM ('Ä', 'b');
CREATE TYPE pair AS (a int, b text, c mood);
CREATE TYPE nest AS (p pair, list pair[], n numeric(5,2));
CREATE DOMAIN small_positive AS int CHECK (VALUE > 0) DEFAULT 1;
CREATE DOMAIN of_domain AS small_positive NOT NULL CHECK (VALUE < 1000);
CREATE DOMAIN other.mail AS text COLLATE "C" CONSTRAINT has_at CHECK (VALUE ~ '@');
CREATE DOMAIN int_list AS int[] CHECK (array_length(VALUE, 1) < 5);
CREATE DOMAIN pair_domain AS pair;
CREATE TYPE float_range AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE TABLE t (id int PRIMARY KEY, a mood, b mood[], c pair, d pair[], e nest, f small_positive, g of_domain, h other.mail, i int_list,
  j pair_domain, k float_range, l float_multirange, m other."Mixed Enum", n small_positive[]);
INSERT INTO t VALUES
  (1, 'HAPPY!', '{sad,"comma,quote\"",""}', '(1,"a ""b"" \\c, (d)",ok)', ARRAY['(1,x,sad)','(,,)']::pair[], ROW(ROW(1, E'\n', 'sad')::pair, '{}', 1.25),
   5, 6, 'a@b', '{1,2}', '(1,a,ok)', '[1.5,2.5)', '{[1,2),[3,4)}', 'Ä', '{1,2}'),
  (2, '', '{}', '(,"",)', '{}', NULL, NULL, 999, NULL, NULL, NULL, 'empty', '{}', 'b', NULL),
  (3, NULL, '{{sad,ok},{ok,NULL}}', NULL, NULL, ROW(NULL, NULL, NULL), 1, 1, '@', '{}', NULL, '(,)', '{(,)}', NULL, '{NULL}');
