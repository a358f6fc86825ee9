-- Publications of some columns and rows.
-- minimum: 15
CREATE TABLE t (a int PRIMARY KEY, b int, c int);
INSERT INTO t VALUES (1, 2, 3);
CREATE PUBLICATION some_columns FOR TABLE t (a, b) WHERE (a > 0);
CREATE PUBLICATION one_column FOR TABLE t (a);
