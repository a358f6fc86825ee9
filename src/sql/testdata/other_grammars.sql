CREATE TABLE t (a int, PRIMARY KEY (a HASH)) SPLIT INTO 3 TABLETS;
ALTER TABLE t ADD CONSTRAINT n NOT NULL a NO INHERIT;
create index nonconcurrently i on t (a);
CREATE TABLE j AS SELECT 1;
-- only a comment
