CREATE EXTENSION hstore;
CREATE EXTENSION citext;
CREATE EXTENSION ltree;
CREATE EXTENSION cube;
CREATE EXTENSION isn;
CREATE EXTENSION pg_trgm;
CREATE EXTENSION btree_gist;
CREATE TABLE t (id int PRIMARY KEY, a hstore, b citext UNIQUE, c ltree, d lquery, e cube, f isbn13, g hstore[], h citext[]);
INSERT INTO t VALUES
  (1, 'a=>1,"b c"=>NULL,"\""=>"\\"', 'MiXed', 'Top.Sub_1', '*.x@', '(1,2),(3,4)', '978-0-393-04002-9', ARRAY['a=>1']::hstore[], '{A,b}'),
  (2, '', 'other', '', '*', '(0)', NULL, '{}', '{}'),
  (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE INDEX t_trgm ON t USING gin ((b::text) gin_trgm_ops);
CREATE TABLE booked (room int, during tsrange, EXCLUDE USING gist (room WITH =, during WITH &&));
INSERT INTO booked VALUES (1, '[2020-01-01,2020-01-02)'), (2, '[2020-01-01,2020-01-02)');
