-- Every type of MariaDB at its limits, every way a name can be awkward, every kind of key: what a migration from MySQL must carry.
SET sql_mode = '';
SET time_zone = '+00:00';

CREATE TABLE whole (
  id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
  t tinyint, tu tinyint unsigned, flag tinyint(1) NOT NULL DEFAULT 1, s smallint, su smallint unsigned, m mediumint, mu mediumint unsigned,
  i int DEFAULT -5, iu int unsigned, b bigint, bu bigint unsigned, z int(6) unsigned zerofill DEFAULT 42, y year DEFAULT 2001
) AUTO_INCREMENT = 100 COMMENT = 'whole numbers; it''s "all" of them';
INSERT INTO whole VALUES
  (1, -128, 0, 0, -32768, 0, -8388608, 0, -2147483648, 0, -9223372036854775808, 0, 0, 0),
  (2, 127, 255, 127, 32767, 65535, 8388607, 16777215, 2147483647, 4294967295, 9223372036854775807, 18446744073709551615, 999999, 2155),
  (3, NULL, NULL, -3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1901),
  (97, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 7, 1999);

CREATE TABLE fractions (
  id int PRIMARY KEY, d decimal(65,30), d2 decimal(10,2) DEFAULT 1.5, f float, g double, fm float(7,2), bt bit(1), b5 bit(5) DEFAULT b'101', b64 bit(64)
);
INSERT INTO fractions VALUES
  (1, 12345678901234567890123456789012345.123456789012345678901234567890, 0.00, 3.4028234e38, 1.7976931348623157e308, 12345.67, b'1', b'10101', b'1111111111111111111111111111111111111111111111111111111111111111'),
  (2, -0.000000000000000000000000000001, -99999999.99, 1.17549435e-38, -2.2250738585072014e-308, -0.01, b'0', b'0', b'0'),
  (3, 0, 1, 16777217, 5e-324, 0, NULL, NULL, NULL),
  (4, NULL, 0.10, 0.1, 0.1, 99999.99, b'1', b'1', b'1'),
  (5, 1, 2, -0.0, 123456789012345678, 1, b'1', b'1', 255),
  (6, 1, 2, 1e15, 1e15, 1, b'1', b'1', 255), (7, 1, 2, 1e-5, 1e-5, 1, b'1', b'1', 255), (8, 1, 2, 123456, 1e14, 1, b'1', b'1', 255);

CREATE TABLE moments (
  id int PRIMARY KEY, d date DEFAULT '2020-02-29', t time, t6 time(6), dt datetime DEFAULT current_timestamp(), dt6 datetime(6),
  ts timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(), ts3 timestamp(3) NULL DEFAULT '2001-02-03 04:05:06.789'
);
INSERT INTO moments VALUES
  (1, '0001-01-01', '00:00:00', '23:59:59.999999', '1000-01-01 00:00:00', '9999-12-31 23:59:59.999999', '1970-01-01 00:00:01', '2038-01-19 03:14:07.999'),
  (2, '9999-12-31', '24:00:00', '12:34:56.100000', '2020-02-29 12:00:00', '2020-01-01 00:00:00.500000', '2038-01-19 03:14:07', '2001-01-01 00:00:00.010'),
  (3, NULL, NULL, NULL, NULL, NULL, '2020-06-01 12:00:00', NULL);

CREATE TABLE texts (
  id int PRIMARY KEY, c char(10), v varchar(100) DEFAULT 'it''s \\ "x"', l1 varchar(50) CHARACTER SET latin1, u3 varchar(50) CHARACTER SET utf8mb3,
  u16 varchar(50) CHARACTER SET utf16, sj varchar(50) CHARACTER SET sjis, b varchar(50) COLLATE utf8mb4_bin, tx text, mt mediumtext, lt longtext
);
INSERT INTO texts VALUES
  (1, 'a  ', 'tab\there', 'naïve €', 'żółć', '日本', '日本語', 'Ä', 'line\nline\r\n\\N', '\\.', repeat('x', 70000)),
  (2, '', '', '', '', '', '', '', '', '', ''),
  (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (4, '日本', '😀 emoji 👨‍👩‍👧', 'ÿ', '€', '😀', 'ｱ', 'ab ', concat('bell', char(7), char(8), char(11), char(12), char(27), 'end'), 'x', 'ö');
-- A text that was stored as UTF-8 in a latin1 column: wrong, and carried as it is.
INSERT INTO texts (id, l1) VALUES (5, _latin1 x'C3A4C3B6');

CREATE TABLE raw (id int PRIMARY KEY, b binary(4), vb varbinary(300), bl blob DEFAULT 'abc', lb longblob);
INSERT INTO raw VALUES (1, x'00ff', x'00010203', unhex(repeat('00ff5c0a09', 50)), repeat(char(0), 100000)), (2, NULL, '', '', ''), (3, 'abcd', '\\x', '\t', NULL);

CREATE TABLE raw_defaults (id int PRIMARY KEY, vb varbinary(9) NOT NULL DEFAULT x'3fff00', b binary(3) DEFAULT 'a');
INSERT INTO raw_defaults (id) VALUES (1);

CREATE TABLE choices (
  id int PRIMARY KEY, e enum('small', 'it''s', 'Größe', '') NOT NULL DEFAULT 'small', e2 enum('b', 'a'), s set('x', 'y', 'z z') DEFAULT 'x,y', j json DEFAULT '{}',
  u uuid, i6 inet6, i4 inet4,
  long_label enum('short', 'a label that is much longer than the sixty-three bytes that PostgreSQL has room for')
);
INSERT INTO choices VALUES (1, 'small', 'b', 'x,z z', '{"b": 1, "a": [1.0, 1e10, "\\u0000"], "a": 2}', '123E4567-e89b-12d3-a456-426614174000', '::ffff:1.2.3.4', '1.2.3.4', 'short'),
  (2, 'it''s', 'a', '', '"x"', NULL, '2001:DB8::1', NULL, 'a label that is much longer than the sixty-three bytes that PostgreSQL has room for'), (3, '', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (4, 'Größe', NULL, 'x,y,z z', 'null', NULL, NULL, '255.255.255.255', NULL);

CREATE TABLE shapes (id int PRIMARY KEY, g geometry, p point NOT NULL, SPATIAL KEY places (p));
INSERT INTO shapes VALUES (1, ST_GeomFromText('POLYGON((0 0,1 0,1 1,0 0))'), ST_GeomFromText('POINT(0.1 -2e300)', 4326)), (2, NULL, POINT(1, 2));

CREATE TABLE computed (
  id int NOT NULL AUTO_INCREMENT, a int NOT NULL, b int, n varchar(20), d date,
  twice bigint GENERATED ALWAYS AS (a * 2) VIRTUAL, rest int GENERATED ALWAYS AS (a % b) STORED, title varchar(50) GENERATED ALWAYS AS (concat(n, '!')) STORED,
  y int GENERATED ALWAYS AS (year(d)) STORED, odd varchar(64) GENERATED ALWAYS AS (sha2(n, 256)) STORED,
  PRIMARY KEY (id), CONSTRAINT positive CHECK (a > 0 AND (b IS NULL OR b BETWEEN 0 AND 100)), CHECK (n <> 'bad')
);
INSERT INTO computed (a, b, n, d) VALUES (2147483647, 7, 'x', '2020-05-06'), (3, 0, NULL, NULL), (5, NULL, 'y', '1999-01-01');

CREATE TABLE parent (a int unsigned NOT NULL, b smallint NOT NULL, name varchar(30), PRIMARY KEY (a, b), UNIQUE KEY name (name), KEY ab (b, a));
CREATE TABLE child (
  id smallint unsigned AUTO_INCREMENT PRIMARY KEY, a int unsigned, b smallint, note varchar(500), whole_id bigint unsigned,
  KEY name (note(20)), UNIQUE KEY beginnings (note(5), b), FULLTEXT KEY words (note), KEY down (b DESC),
  CONSTRAINT to_parent FOREIGN KEY (a, b) REFERENCES parent (a, b) ON DELETE CASCADE ON UPDATE SET NULL,
  CONSTRAINT to_whole FOREIGN KEY (whole_id) REFERENCES whole (id)
);
INSERT INTO parent VALUES (1, 1, 'one'), (4294967295, 2, NULL), (3, 3, NULL);
INSERT INTO child (a, b, note, whole_id) VALUES (1, 1, 'first note', 1), (4294967295, 2, NULL, 97), (NULL, 3, 'alone', NULL);

CREATE TABLE `Mixed Case` (`Id` int PRIMARY KEY, `select` int, `a b` int, `xmin` int, `Ünï` int, `quo"te` int, `back``tick` int, KEY `name` (`select`));
INSERT INTO `Mixed Case` VALUES (1, 2, 3, 4, 5, 6, 7);
CREATE TABLE `order` (`user` int, `group` varchar(10) DEFAULT NULL);
INSERT INTO `order` VALUES (1, 'a'), (1, 'a'), (NULL, NULL);
CREATE TABLE Twin (id int PRIMARY KEY, x int, KEY k (x));
CREATE TABLE twin (id int PRIMARY KEY, x int, KEY k (x));
INSERT INTO Twin VALUES (1, 10);
INSERT INTO twin VALUES (1, 20);
CREATE TABLE a_name_of_sixty_four_characters_is_one_more_than_there_is_roomr1 (a_name_of_sixty_four_characters_is_one_more_than_there_is_roomc1 int PRIMARY KEY, a_name_of_sixty_four_characters_is_one_more_than_there_is_roomc2 int);
CREATE TABLE a_name_of_sixty_four_characters_is_one_more_than_there_is_roomr2 (id int PRIMARY KEY);
INSERT INTO a_name_of_sixty_four_characters_is_one_more_than_there_is_roomr1 VALUES (1, 2);
INSERT INTO a_name_of_sixty_four_characters_is_one_more_than_there_is_roomr2 VALUES (3);

CREATE TABLE by_year (id int NOT NULL, d date NOT NULL, PRIMARY KEY (id, d))
  PARTITION BY RANGE (year(d)) (PARTITION p90 VALUES LESS THAN (1990), PARTITION p20 VALUES LESS THAN (2020), PARTITION pm VALUES LESS THAN MAXVALUE);
INSERT INTO by_year VALUES (1, '1989-12-31'), (2, '1990-01-01'), (3, '2019-12-31'), (4, '2020-01-01');
CREATE TABLE by_list (a int, b int) PARTITION BY LIST (a) (PARTITION p0 VALUES IN (1, NULL), PARTITION p1 VALUES IN (-2, 3));
INSERT INTO by_list VALUES (1, 1), (NULL, 2), (-2, 3), (3, 4);
CREATE TABLE by_key (a int NOT NULL PRIMARY KEY, b int) PARTITION BY KEY (a) PARTITIONS 3;
INSERT INTO by_key SELECT seq, seq FROM seq_1_to_50;
CREATE TABLE by_moment (ts timestamp NOT NULL, v int) PARTITION BY RANGE (unix_timestamp(ts)) SUBPARTITION BY HASH (v) SUBPARTITIONS 2
  (PARTITION p0 VALUES LESS THAN (1000000000), PARTITION p1 VALUES LESS THAN MAXVALUE);
INSERT INTO by_moment VALUES ('2001-09-09 01:46:39', 1), ('2001-09-09 01:46:40', 2);
CREATE TABLE by_word (w varchar(10) NOT NULL) PARTITION BY RANGE COLUMNS (w) (PARTITION p0 VALUES LESS THAN ('m'), PARTITION p1 VALUES LESS THAN (MAXVALUE));
INSERT INTO by_word VALUES ('a'), ('z');

CREATE TABLE empty_one (id int PRIMARY KEY);
CREATE TABLE no_key (a int, b text);
INSERT INTO no_key VALUES (1, 'x'), (1, 'x'), (NULL, NULL);
CREATE TABLE wide_keys (id bigint NOT NULL PRIMARY KEY, v int);
INSERT INTO wide_keys VALUES (-9223372036854775808, 1), (0, 2), (9223372036854775807, 3);
CREATE SEQUENCE counter START WITH 5 INCREMENT BY 3 MAXVALUE 1000;

CREATE VIEW totals AS SELECT p.a AS a, p.b AS b, count(*) AS children, max(c.id) AS latest FROM parent p LEFT JOIN child c ON c.a = p.a AND c.b = p.b WHERE p.b > 0 GROUP BY p.a, p.b;
CREATE VIEW of_totals AS SELECT t.a AS a, t.children + 1 AS more, concat(w.name, '-', t.b) AS label FROM totals t JOIN parent w ON w.a = t.a AND w.b = t.b;
CREATE VIEW of_words AS SELECT id FROM texts WHERE v LIKE 'x%';
DELIMITER //
CREATE TRIGGER stamp BEFORE INSERT ON child FOR EACH ROW BEGIN SET NEW.note = concat('<', NEW.note, '>'); END//
CREATE FUNCTION plus_one(n int) RETURNS int DETERMINISTIC BEGIN RETURN n + 1; END//
CREATE PROCEDURE nothing() BEGIN SELECT 1; END//
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO DELETE FROM empty_one//
DELIMITER ;
