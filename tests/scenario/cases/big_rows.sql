CREATE TABLE big (id int PRIMARY KEY, body text, raw bytea);
ALTER TABLE big ALTER body SET STORAGE EXTERNAL, ALTER raw SET STORAGE EXTERNAL;
-- One row of 16 MiB of text, one of 8 MiB of bytes (16 MiB as text), rows of every size in between, most of them small.
INSERT INTO big VALUES (0, repeat('0123456789abcde' || chr(10), 1024 * 1024), NULL);
INSERT INTO big VALUES (-1, NULL, decode(repeat('00ff5c0a', 2 * 1024 * 1024), 'hex'));
INSERT INTO big SELECT g, repeat('x', (g * 7919) % 70000), decode(repeat('5c', g % 300), 'hex') FROM generate_series(1, 400) g;
