CREATE TABLE t (id int, a text, b text);
INSERT INTO t VALUES
  (1, E'\\.', E'\\.'), (2, E'\\N', NULL), (3, E'a\tb', E'a\nb'), (4, E'a\rb', E'a\r\nb'), (5, E'\\\\', E'\\n'), (6, '', ' '),
  (7, E'\b\f\v', E'\x01\x1f\x7f'), (8, E'\nEOF\n\\.\n', E'\n'), (9, '\x41', '\101'), (10, E'\u2028\u2029\ufeff', E'\U0001F600'),
  (11, '"', ''''), (12, 'NULL', 'null'), (13, repeat(E'\\', 10001), repeat(E'\t\n', 5000)), (14, E'trailing\\', E'\\trailing');
CREATE TABLE one_column (a text);
INSERT INTO one_column VALUES (''), (NULL), (E'\\.'), (E'\\N'), (' '), (E'\n');
