-- One table holds nearly all bytes; it was updated, so pages have holes.
CREATE TABLE huge (id int PRIMARY KEY, pad text, n int);
INSERT INTO huge SELECT g, repeat(md5(g::text), 6), 0 FROM generate_series(1, 60000) g;
DELETE FROM huge WHERE id % 7 = 0;
UPDATE huge SET n = 1 WHERE id % 5 = 0;
CREATE TABLE little (a int PRIMARY KEY);
INSERT INTO little SELECT generate_series(1, 10);
