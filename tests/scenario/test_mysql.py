"""From MariaDB: the whole offline path, values that the target cannot hold, rights, kills."""

import json
import re
import shlex
import signal
import subprocess
from pathlib import Path

import pytest

from harness.mariadb import PASSWORD
from harness.migration import run

HERE = Path(__file__).parent


def objects(migration) -> list[dict]:
    return json.loads((migration.export_dir / "reports/objects.json").read_text())["objects"]


def left_out(migration) -> dict:
    return {f"{o['kind']} {o['name']}": o["reason"] for o in objects(migration) if o["outcome"] == "left out"}


@pytest.fixture
def torture(mysql_migration):
    mysql_migration.source.load(HERE / "mysql_torture.sql")
    return mysql_migration


def test_everything_arrives(torture):
    torture.export_schema("--comments-on-objects", "true")
    torture.import_schema()
    torture.export_data()
    torture.import_data()
    torture.finalize()
    result = torture.verify("--output-format", "json").json()
    assert all(table["equal"] for table in result["tables"]) and len(result["tables"]) >= 20
    target = torture.target

    assert target.rows("SELECT tu, iu, bu, z, y, flag FROM whole WHERE id IN (2, 3) ORDER BY id") == [
        ("255", "4294967295", "18446744073709551615", "999999", "2155", "127"), ("", "", "", "", "1901", "-3")]
    assert target.rows("SELECT d, f, g, b5, bt FROM fractions WHERE id = 1") == [
        ("12345678901234567890123456789012345.123456789012345678901234567890", "3.4028235e+38", "1.7976931348623157e+308", "10101", "t")]
    assert target.value("SELECT g FROM fractions WHERE id = 2") == "-2.2250738585072014e-308"
    assert target.value("SELECT f FROM fractions WHERE id = 3") == "1.6777216e+07"
    assert target.rows("SELECT t, dt6, ts3 FROM moments WHERE id = 2") == [("24:00:00", "2020-01-01 00:00:00.5", "2001-01-01 00:00:00.01+00")]
    assert target.rows("SELECT c, v, l1, sj, tx, length(lt) FROM texts WHERE id = 1") == [
        ("a         ", "tab\there", "naïve €", "日本語", "line\nline\r\n\\N", "70000")]
    assert target.value("SELECT l1 FROM texts WHERE id = 5") == "Ã¤Ã¶"
    assert target.rows("SELECT encode(b, 'hex'), encode(vb, 'hex'), length(lb) FROM raw WHERE id = 1") == [("00ff0000", "00010203", "100000")]
    assert target.rows("SELECT e, e2, s, u FROM choices WHERE id = 1") == [("small", "b", "x,z z", "123e4567-e89b-12d3-a456-426614174000")]
    assert target.rows("SELECT id, x FROM \"Twin\" UNION ALL SELECT id, x FROM twin ORDER BY 2") == [("1", "10"), ("1", "20")]
    assert target.rows("SELECT tableoid::regclass, id FROM by_year ORDER BY id") == [
        ("by_year_p90", "1"), ("by_year_p20", "2"), ("by_year_p20", "3"), ("by_year_pm", "4")]
    assert target.rows("SELECT tableoid::regclass, v FROM by_moment ORDER BY v") == [("by_moment_p0", "1"), ("by_moment_p1", "2")]

    target.sql("INSERT INTO raw_defaults (id) VALUES (2)")
    assert target.rows("SELECT encode(vb, 'hex'), encode(b, 'hex') FROM raw_defaults") == 2 * [("3fff00", "610000")]

    # What counted goes on counting, from the source's own place.
    assert target.value("INSERT INTO whole (flag) VALUES (1) RETURNING id") == "100"
    assert target.value("INSERT INTO child (b) VALUES (3) RETURNING id") == "4"
    assert target.value("SELECT nextval('counter')") != "1"
    # ON UPDATE CURRENT_TIMESTAMP, but not for an update that changes nothing, and not where the column itself is set.
    target.sql("UPDATE moments SET d = '2000-01-01' WHERE id = 3; UPDATE moments SET d = d WHERE id = 2; UPDATE moments SET ts = '2011-01-01' WHERE id = 1")
    assert target.rows("SELECT id, ts BETWEEN now() - interval '1 hour' AND now() + interval '1 hour' FROM moments ORDER BY id") == [("1", "f"), ("2", "f"), ("3", "t")]
    # Computed columns, keys, checks and defaults work.
    assert target.rows("INSERT INTO computed (a, b, n, d) VALUES (10, 3, 'q', '2001-01-01') RETURNING twice, rest, title, y") == [("20", "1", "q!", "2001")]
    for refused in ("INSERT INTO computed (a) VALUES (0)", "INSERT INTO child (a, b) VALUES (99, 99)", "INSERT INTO choices (id, s) VALUES (9, 'q')",
                    "INSERT INTO parent VALUES (5, 5, 'one')", "INSERT INTO choices (id, e) VALUES (9, 'none')"):
        assert target.psql("-c", refused).returncode != 0, refused
    assert target.rows("SELECT a, b, children FROM totals ORDER BY a") == [("1", "1", "1"), ("3", "3", "1"), ("4294967295", "2", "1")]
    assert target.value("SELECT obj_description('whole'::regclass)") == 'whole numbers; it\'s "all" of them'


def test_nothing_is_left_out_without_a_word(torture):
    torture.export_schema()
    said = left_out(torture)
    assert set(said) == {"INDEX shapes.places", "CHECK CONSTRAINT computed constraint_1", "VIEW of_words", "TRIGGER child stamp",
                         "FUNCTION plus_one", "PROCEDURE nothing", "EVENT nightly"}
    kept = (torture.export_dir / "schema/uncategorized.sql").read_text()
    assert "-- BEGIN SET NEW.note = concat('<', NEW.note, '>'); END" in kept or "SET NEW.note" in kept
    assert "-- CREATE VIEW of_words AS" in kept
    for thing in said:
        kind, name = thing.split(" ", 1) if thing.split()[0] != "CHECK" else ("CHECK CONSTRAINT", thing.removeprefix("CHECK CONSTRAINT "))
        assert f"-- {kind} {name}\n-- left out: {said[thing]}\n-- " in kept, thing
    changed = {o["name"]: o["change"] for o in objects(torture) if o["outcome"] == "moved with a change" and o["kind"] == "TABLE"}
    assert "sha2(`n`,256)" in changed["computed"] and "case" in changed["texts"] and "EWKB" in changed["shapes"]
    assert "no partitions any more" in changed["by_word"] and "xmin is called xmin_" in changed["mixed case"]
    tables = (torture.export_dir / "schema/tables/table.sql").read_text()
    assert "PRIMARY KEY (id, d)" in tables and "PARTITION BY RANGE (d)" in tables
    assert "CREATE INDEX child_name ON public.child" in (torture.export_dir / "schema/tables/INDEXES_table.sql").read_text()
    torture.command("analyze-schema", "--export-dir", torture.export_dir, "--output-format", "json", "--yes")


TRIGGERS = r"""
SET sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION';
CREATE TABLE item (id int PRIMARY KEY, qty int NOT NULL DEFAULT 1, price decimal(10,2), total decimal(12,2), state enum('new', 'sold') NOT NULL DEFAULT 'new',
  made datetime, note varchar(40), big int);
CREATE TABLE log (id int AUTO_INCREMENT PRIMARY KEY, what text);
DELIMITER //
CREATE TRIGGER item_in BEFORE INSERT ON item FOR EACH ROW BEGIN
  -- what it costs
  SET NEW.total = NEW.qty * NEW.price;
  IF NEW.made IS NULL THEN SET NEW.made = NOW(), NEW.note = concat('made ', NEW.qty); END IF;
END//
CREATE TRIGGER item_up BEFORE UPDATE ON item FOR EACH ROW BEGIN
  IF NEW.qty < 0 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'none can be below zero';
  ELSEIF NEW.qty > OLD.qty THEN SET NEW.big = NEW.qty > 10, NEW.state = 'sold'; ELSE SET NEW.note = NULL; END IF;
END//
CREATE TRIGGER item_after AFTER DELETE ON item FOR EACH ROW
BEGIN
  INSERT INTO log (what) VALUES (concat('gone ', OLD.id));
END//
CREATE PROCEDURE clear(IN n int)
BEGIN
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
    SET @failed = 1;
  DELETE FROM item WHERE id > n;
END//
DELIMITER ;
CREATE VIEW cheap AS SELECT id, price FROM item WHERE price < 10 WITH CASCADED CHECK OPTION;
"""


def test_triggers_do_on_the_target_what_they_do_on_the_source(mysql_migration):
    m = mysql_migration
    m.source.sql(TRIGGERS)
    m.source.sql("INSERT INTO item (id, qty, price) VALUES (1, 2, 3.5)")
    m.move()
    m.verify()
    changes = ("INSERT INTO item (id, qty, price) VALUES (2, 3, 1.25); INSERT INTO item (id, made) VALUES (3, '2001-01-01'); UPDATE item SET qty = 20 WHERE id = 1;"
               "UPDATE item SET qty = 4, note = 'kept?' WHERE id = 2; UPDATE item SET qty = 1 WHERE id = 2; UPDATE item SET price = NULL WHERE id = 3")
    m.source.sql(changes)
    m.target.sql(changes)
    rows = "SELECT id, qty, coalesce(price, -1.00), coalesce(total, -1.00), state, coalesce(note, '-'), coalesce(big, -1), made IS NULL FROM item ORDER BY id"
    truth = {"t": "1", "f": "0"}
    assert [tuple(truth.get(v, v) for v in row) for row in m.target.rows(rows)] == m.source.rows(rows)
    assert "none can be below zero" in m.target.psql("-c", "UPDATE item SET qty = -1").stderr
    for side in (m.source, m.target):
        side.sql("DELETE FROM item WHERE id = 3")
    assert m.target.rows("SELECT id, what FROM log") == m.source.rows("SELECT id, what FROM log") == [("1", "gone 3")]
    said = left_out(m)
    assert set(said) == {"PROCEDURE clear"}
    assert "line 3: a handler that leaves the block" in said["PROCEDURE clear"] and "line 4: a variable of the session (@failed)" in said["PROCEDURE clear"]
    kept = (m.export_dir / "schema/uncategorized.sql").read_text()
    assert "-- PROCEDURE clear\n-- left out: " in kept and "--   DELETE FROM item WHERE id > n;" in kept
    assert next(o["change"] for o in objects(m) if o["name"] == "cheap").startswith("it had WITH CASCADED CHECK OPTION")


def assert_same_calls(m, calls, tables):
    """What was refused has taken a number on one side, or not."""
    for call in calls:
        failed = [m.source._run(f"SET sql_mode = 'STRICT_TRANS_TABLES'; {call}", force=True).stderr != b"", m.target.psql("-c", call).returncode != 0]
        assert failed[0] == failed[1], call
        for rows in tables:
            assert [tuple("" if v == "NULL" else v for v in row) for row in m.source.rows(rows)] == m.target.rows(rows), (call, rows)


def assert_for_their_owner(m):
    open_to_all = "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace AND has_function_privilege('public', oid, 'EXECUTE')"
    assert m.target.rows(open_to_all) == [], "what has its owner's rights"


def assert_same_values(m, values):
    for value in values:
        there = m.source._run(f"SET sql_mode = 'STRICT_TRANS_TABLES'; SELECT {value}", "-N", "-B", force=True)
        here = m.target.psql("-Atc", f"SELECT {value}")
        assert (there.stderr != b"") == (here.returncode != 0), (value, there, here)
        assert there.stdout.decode().strip().replace("NULL", "") == here.stdout.strip(), value


ROUTINES = r"""
SET sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION';
CREATE TABLE item (id int AUTO_INCREMENT PRIMARY KEY, name varchar(100), qty int NOT NULL DEFAULT 1, price decimal(10,2), state enum('new', 'sold') NOT NULL DEFAULT 'new');
CREATE TABLE audit (id int AUTO_INCREMENT PRIMARY KEY, item_id bigint, what varchar(10) NOT NULL, qty int);
CREATE TABLE totals (k int PRIMARY KEY, n int NOT NULL DEFAULT 0, last bigint);
INSERT INTO totals (k) VALUES (1), (2);
DELIMITER //
CREATE FUNCTION doubled(a int) RETURNS int DETERMINISTIC RETURN a * 2//
CREATE FUNCTION gross(net decimal(10,2), rate decimal(4,2)) RETURNS decimal(12,2) DETERMINISTIC RETURN net + net * rate//
CREATE FUNCTION size_of(n bigint) RETURNS varchar(5) DETERMINISTIC
BEGIN
  IF n > 100 THEN RETURN 'large'; ELSEIF n IS NULL THEN RETURN NULL; ELSE RETURN 'small'; END IF;
END//
CREATE FUNCTION full_name(first varchar(5), last varchar(20)) RETURNS varchar(12) DETERMINISTIC RETURN concat(first, ' ', last)//
CREATE PROCEDURE sell(item int, n int, why varchar(10))
BEGIN
  IF n > 0 THEN UPDATE item SET qty = qty - n, state = 'sold' WHERE id = item AND qty >= n;
  ELSE INSERT INTO audit (item_id, what) VALUES (item, why), (NULL, 'x'); END IF;
END//
CREATE PROCEDURE item(qty int) UPDATE item SET qty = qty WHERE item.qty < 3//
CREATE PROCEDURE reset_to(qty int) UPDATE item SET qty = qty WHERE item.qty < qty//
CREATE TRIGGER item_made AFTER INSERT ON item FOR EACH ROW
BEGIN
  INSERT INTO audit (item_id, what, qty) VALUES (NEW.id, 'made', NEW.qty + 1);
  UPDATE totals SET n = n + NEW.qty, last = NEW.id WHERE k = 1;
END//
CREATE TRIGGER item_changed AFTER UPDATE ON item FOR EACH ROW IF NEW.qty <> OLD.qty THEN INSERT INTO audit SET item_id = OLD.id, what = 'qty', qty = NEW.qty - OLD.qty; END IF//
CREATE TRIGGER item_gone AFTER DELETE ON item FOR EACH ROW DELETE FROM audit WHERE item_id = OLD.id//
DELIMITER ;
"""


def test_routines_do_on_the_target_what_they_do_on_the_source(mysql_migration):
    """Functions of one expression, procedures of one statement that writes, and triggers behind a change; also what they refuse."""
    m = mysql_migration
    m.source.sql(ROUTINES)
    m.move()
    assert left_out(m) == {}
    calls = ["INSERT INTO item (name, qty, price) VALUES ('a', 5, 1.5), ('b', 7, NULL)", "UPDATE item SET qty = qty + 1", "UPDATE item SET name = 'c'",
             "CALL sell(1, 2, 'why')", "CALL sell(2, 100, 'why')", "CALL sell(2, 0, 'none left')", "CALL sell(NULL, NULL, 'null')", "CALL reset_to(7)", "CALL item(3)",
             "CALL sell(1, 0, NULL)", "CALL sell(1, 0, '12345678901')", "CALL reset_to(NULL)", "INSERT INTO item (qty) VALUES (2000000000)",
             "INSERT INTO item (qty) VALUES (2147483647)", "DELETE FROM item WHERE id = 1"]
    assert_same_calls(m, calls, ["SELECT * FROM item ORDER BY id", "SELECT item_id, what, qty FROM audit ORDER BY id", "SELECT * FROM totals ORDER BY k"])
    assert_for_their_owner(m)
    values = ["doubled(21)", "doubled(NULL)", "doubled(1073741824)", "gross(10.00, 0.19)", "gross(0.05, 0.10)", "gross(10.239, 0.191)", "gross(NULL, 1)", "gross(99999999.99, 99.99)",
              "size_of(101)", "size_of(100)", "size_of(NULL)", "full_name('Ada', 'L')", "full_name('Ada', NULL)", "full_name('toolong', 'x')", "full_name('Ada', 'Lovelace1')"]
    assert_same_values(m, values)


LOOPS = r"""
SET sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION';
CREATE TABLE item (id int AUTO_INCREMENT PRIMARY KEY, name varchar(100), qty int, price decimal(10,2));
CREATE TABLE line (id int PRIMARY KEY, item_id int, n int NOT NULL DEFAULT 0);
CREATE TABLE seen (id int AUTO_INCREMENT PRIMARY KEY, n int);
INSERT INTO item (name, qty, price) VALUES ('a', 3, 1.25), ('b', NULL, 10), ('c', 7, NULL), ('d', 12, 0.05), ('toolong', 1, 1);
INSERT INTO line VALUES (1, 1, 2), (2, 1, 0), (3, 3, 5), (4, 4, 1), (5, NULL, 9);
CREATE TABLE rate (id int PRIMARY KEY, f float, y year, u int unsigned);
INSERT INTO rate VALUES (1, 0.1, 2024, 4294967295), (2, 24, 1999, 0), (3, NULL, NULL, NULL);
DELIMITER //
CREATE FUNCTION total(up_to int) RETURNS bigint DETERMINISTIC
BEGIN
  DECLARE i, sum_of int DEFAULT 0;
  WHILE i < up_to DO
    SET i = i + 1;
    IF i = 3 THEN SET sum_of = sum_of + 1000000000; END IF;
    SET sum_of = sum_of + i;
  END WHILE;
  RETURN sum_of;
END//
CREATE FUNCTION steps(n int) RETURNS bigint DETERMINISTIC
BEGIN
  DECLARE p bigint DEFAULT 1;
  DECLARE i, j int;
  SET i = 0;
  outer_loop: LOOP
    SET i = i + 1, j = 0;
    IF i > n THEN LEAVE outer_loop; END IF;
    IF i = 2 THEN ITERATE outer_loop; END IF;
    again: REPEAT
      SET j = j + 1, p = p * 2;
      IF j = 2 THEN ITERATE again; END IF;
    UNTIL j >= i OR j >= 2 END REPEAT again;
  END LOOP outer_loop;
  RETURN p;
END//
CREATE FUNCTION worth(least int) RETURNS decimal(12,2) READS SQL DATA
BEGIN
  DECLARE done boolean DEFAULT FALSE;
  DECLARE q int;
  DECLARE p decimal(10,2);
  DECLARE s decimal(12,2) DEFAULT 0;
  DECLARE c CURSOR FOR SELECT i.qty, price FROM item i JOIN line AS l ON l.item_id = i.id AND l.n > 0 WHERE i.qty >= least ORDER BY l.id;
  DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = TRUE;
  OPEN c;
  more: LOOP
    FETCH c INTO q, p;
    IF done THEN LEAVE more; END IF;
    SET s = s + q * ifnull(p, 100);
  END LOOP;
  CLOSE c;
  -- What was fetched last is still there.
  RETURN s + ifnull(q, -1);
END//
CREATE FUNCTION name_of(id int) RETURNS varchar(6) READS SQL DATA
BEGIN
  DECLARE found varchar(8) DEFAULT 'none';
  SELECT concat(item.name, '!') INTO found FROM item WHERE item.id = id;
  RETURN found;
END//
CREATE FUNCTION one_of_many(least int) RETURNS int READS SQL DATA
BEGIN
  DECLARE q int DEFAULT 5;
  SELECT qty INTO q FROM item WHERE qty > least;
  RETURN q;
END//
CREATE FUNCTION kinds(a int) RETURNS int READS SQL DATA
BEGIN
  DECLARE n bigint;
  DECLARE m int;
  SELECT count(*), max(qty) INTO n, m FROM item WHERE id > a;
  CASE WHEN n > 3 THEN RETURN 1; WHEN m IS NULL THEN RETURN -1; WHEN m > 7 THEN RETURN m; END CASE;
END//
CREATE FUNCTION blocks(a int) RETURNS int DETERMINISTIC
BEGIN
  DECLARE b int DEFAULT a;
  inner_one: BEGIN
    DECLARE b int DEFAULT 5;
    DECLARE c int;
    IF a > 3 THEN LEAVE inner_one; END IF;
    SET c = b, a = c;
  END inner_one;
  BEGIN SET b = b + a; END;
  RETURN b;
END//
CREATE FUNCTION nested(a int) RETURNS int READS SQL DATA
BEGIN
  DECLARE x, y, got int DEFAULT 0;
  DECLARE done int DEFAULT 0;
  DECLARE outer_one CURSOR FOR SELECT id FROM item WHERE id <= a ORDER BY id;
  DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = 1;
  OPEN outer_one;
  FETCH outer_one INTO x;
  WHILE done = 0 DO
    BEGIN
      DECLARE ended int DEFAULT 0;
      DECLARE inner_one CURSOR FOR SELECT n FROM line WHERE item_id = x;
      DECLARE CONTINUE HANDLER FOR SQLSTATE '02000' BEGIN SET ended = 1; SET got = got + 100; END;
      OPEN inner_one;
      REPEAT FETCH inner_one INTO y; IF NOT ended THEN SET got = got + y; END IF; UNTIL ended END REPEAT;
    END;
    FETCH outer_one INTO x;
  END WHILE;
  RETURN got * 10 + done;
END//
CREATE PROCEDURE restock(IN wanted int)
whole: BEGIN
  DECLARE q int;
  DECLARE missing tinyint(1) DEFAULT 0;
  DECLARE CONTINUE HANDLER FOR NOT FOUND SET missing = 1;
  SELECT qty INTO q FROM item WHERE id = wanted;
  IF missing THEN LEAVE whole; END IF;
  WHILE q < 10 DO SET q = q + 1; END WHILE;
  UPDATE item SET qty = q WHERE id = wanted;
END//
CREATE TRIGGER line_made BEFORE INSERT ON line FOR EACH ROW
BEGIN
  DECLARE q int;
  SELECT qty INTO q FROM item WHERE id = NEW.item_id;
  IF q IS NULL THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no item'; END IF;
  SET NEW.n = q;
END//
CREATE TRIGGER line_gone AFTER DELETE ON line FOR EACH ROW
counting: BEGIN
  DECLARE i int DEFAULT 0;
  IF OLD.n = 0 THEN LEAVE counting; END IF;
  WHILE i < OLD.n DO INSERT INTO seen (n) VALUES (i); SET i = i + 1; END WHILE;
END//
CREATE FUNCTION after_some(n int) RETURNS int READS SQL DATA
BEGIN
  DECLARE found int DEFAULT -1;
  IF n = 0 THEN SELECT id INTO found FROM item ORDER BY id LIMIT 1 OFFSET 0;
  ELSEIF n = 1 THEN SELECT id INTO found FROM item ORDER BY id LIMIT 1 OFFSET 3;
  ELSE SELECT id INTO found FROM item ORDER BY id LIMIT 3, 1; END IF;
  RETURN found;
END//
CREATE FUNCTION rates(n int) RETURNS int READS SQL DATA
BEGIN
  DECLARE found int;
  SELECT count(*) INTO found FROM rate WHERE (n = 0 AND f IN (0.1, 24)) OR (n = 1 AND f * f > 0.010000000298) OR (n = 2 AND y IN (2024, 1999)) OR (n = 3 AND u + 1 > 4294967295);
  RETURN found;
END//
CREATE FUNCTION exact_rate(n int) RETURNS double READS SQL DATA
BEGIN
  DECLARE found double;
  SELECT ifnull(f, 0.1) INTO found FROM rate WHERE id = n;
  RETURN found;
END//
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO
BEGIN
  DECLARE i int DEFAULT 0;
  DELETE FROM seen;
END//
DELIMITER ;
"""


def test_loops_and_cursors_do_on_the_target_what_they_do_on_the_source(mysql_migration):
    """Local variables, loops, cursors with a handler for NOT FOUND, SELECT ... INTO of no row, one and several; an event stays as a text."""
    m = mysql_migration
    m.source.sql(LOOPS)
    m.move()
    assert left_out(m) == {"EVENT nightly": "the target has no events: a scheduler (pg_cron, cron) does their work"}
    assert "CREATE" in (m.export_dir / "schema/uncategorized.sql").read_text() and "nightly" in (m.export_dir / "schema/uncategorized.sql").read_text()
    assert_same_values(m, ["total(0)", "total(2)", "total(5)", "total(NULL)", "total(70000)", "steps(0)", "steps(1)", "steps(5)", "steps(70)", "worth(0)", "worth(5)", "worth(100)", "worth(NULL)",
                           "name_of(1)", "name_of(99)", "name_of(NULL)", "name_of(5)", "one_of_many(10)", "one_of_many(100)", "one_of_many(0)", "kinds(0)", "kinds(3)", "kinds(4)", "kinds(99)",
                           "blocks(1)", "blocks(9)", "blocks(NULL)", "nested(0)", "nested(1)", "nested(5)", "worth(0) + worth(0)",
                           "after_some(0)", "after_some(1)", "after_some(2)", "rates(0)", "rates(1)", "rates(2)", "rates(3)", "exact_rate(2)", "exact_rate(3)"])
    assert_same_calls(m, ["CALL restock(1)", "CALL restock(2)", "CALL restock(4)", "CALL restock(77)", "CALL restock(NULL)", "INSERT INTO line (id, item_id) VALUES (10, 1)",
                          "INSERT INTO line (id, item_id) VALUES (11, 77)", "INSERT INTO line (id, item_id) VALUES (12, 2)", "DELETE FROM line WHERE id IN (1, 2, 4)"],
                      ["SELECT * FROM item ORDER BY id", "SELECT * FROM line ORDER BY id", "SELECT n FROM seen ORDER BY id"])
    assert_for_their_owner(m)


def test_the_documented_commands_run(torture):
    """As the documents write them for MySQL: without --source-db-schema, and with a schema of the target's."""
    place = f"--export-dir {torture.export_dir}"
    source = (f"--source-db-type mysql --source-db-host 127.0.0.1 --source-db-port {torture.source.port} --source-db-user mover "
              f"--source-db-password {shlex.quote(PASSWORD)} --source-db-name {torture.source.name}")
    target = (f"--target-db-host 127.0.0.1 --target-db-port {torture.target.port} --target-db-user postgres --target-db-password x "
              f"--target-db-name {torture.target.name} --target-db-schema shop")
    for line in (f"export schema {place} {source}", f"analyze-schema {place} --output-format html --yes", f"export data {place} {source}",
                 f"export data status {place}", f"import schema {place} {target}", f"import data {place} {target} --parallel-jobs 2",
                 f"import data status {place}", f"finalize-schema-post-data-import {place} {target} --refresh-mviews true"):
        run(*shlex.split(line), env={"BETA_FAST_DATA_EXPORT": "1"})
    assert torture.target.count("shop.whole") == 4
    torture.verify()
    torture.end(keep=True)


CHOSEN = """
CREATE TABLE flags (id bigint unsigned AUTO_INCREMENT PRIMARY KEY, paid tinyint(1) NOT NULL DEFAULT 1, is_new tinyint(1), many bigint unsigned, price decimal(10,2),
  took time(2), guid binary(16), guid_text char(36), seen datetime(3), made timestamp NOT NULL DEFAULT '2001-01-01 00:00:00', word varchar(20), kind enum('a', 'b') DEFAULT 'a',
  tags set('x', 'y'), n int DEFAULT 5, doc json, owner_id int, y year);
CREATE TABLE owner (id int PRIMARY KEY);
INSERT INTO owner VALUES (7);
ALTER TABLE flags ADD CONSTRAINT to_owner FOREIGN KEY (owner_id) REFERENCES owner (id);
INSERT INTO flags VALUES (1, 1, 0, 9223372036854775807, 1.5, '-838:59:59.10', x'000102030405060708090a0b0c0d0e0f', '123E4567-E89B-12d3-a456-426614174000',
  '2020-01-01 10:00:00.5', '2020-01-01 10:00:00', 'w', 'b', 'x,y', 9, '{"b": 1, "a": 2}', 7, 2020),
  (2, 0, NULL, 0, -0.01, '100:00:00', unhex(repeat('ff', 16)), NULL, NULL, '2020-01-01 10:00:00', '', 'a', '', NULL, NULL, NULL, NULL);
"""
CHOICES = ("flags.paid=boolean,*.is_*:tinyint(1)=bool,:bigint*unsigned=bigint,flags.price=numeric(14,2),flags.took=interval,flags.guid=uuid,flags.guid_text=uuid,"
           "flags.seen=timestamptz,flags.made=timestamp,flags.word=text,flags.kind=varchar(20),flags.n=text,*.doc=text,owner.id=bigint,flags.y=integer")


def test_types_that_the_user_chose_hold_for_schema_rows_and_verify(mysql_migration):
    m = mysql_migration
    m.source.sql(CHOSEN)
    m.export_schema("--type-rules", CHOICES)
    m.import_schema()
    m.export_data()
    m.import_data()
    m.finalize()
    m.verify()
    types = "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'flags'::regclass AND attnum > 0 ORDER BY attnum"
    assert dict(m.target.rows(types)) == {
        "id": "bigint", "paid": "boolean", "is_new": "boolean", "many": "bigint", "price": "numeric(14,2)", "took": "interval", "guid": "uuid", "guid_text": "uuid",
        "seen": "timestamp(3) with time zone", "made": "timestamp(0) without time zone", "word": "text", "kind": "character varying(20)", "tags": "text", "n": "text",
        "doc": "text", "owner_id": "bigint", "y": "integer"}
    assert m.target.rows("SELECT paid, is_new, many, took, guid, guid_text, seen AT TIME ZONE 'UTC', made, n, doc FROM flags WHERE id = 1") == [
        ("t", "f", "9223372036854775807", "-838:59:59.1", "00010203-0405-0607-0809-0a0b0c0d0e0f", "123e4567-e89b-12d3-a456-426614174000", "2020-01-01 10:00:00.5",
         "2020-01-01 10:00:00", "9", '{"b": 1, "a": 2}')]
    assert m.target.rows("INSERT INTO flags (id) VALUES (9) RETURNING paid, kind, n, made") == [("t", "a", "5", "2001-01-01 00:00:00")]
    assert m.target.psql("-c", "INSERT INTO flags (kind) VALUES ('c')").returncode != 0
    assert m.verify(expect=9).code == 9
    m.target.sql("DELETE FROM flags WHERE id = 9; UPDATE flags SET paid = NOT paid WHERE id = 1; UPDATE flags SET took = took + interval '1 s', guid = guid_text WHERE id = 1")
    assert "flags" in m.verify(expect=9).said

    # What a rule makes of a value is strict, too.
    m.source.sql("UPDATE flags SET paid = 2 WHERE id = 1")
    refused = m.export_data("--start-clean", "true", "--yes", expect=1)
    assert "flags.paid holds a number that is neither 0 nor 1, which boolean cannot hold" in refused.said

    def why(column, *more):
        return m.export_schema("--explain-type", column, *more).out

    assert why(f"{m.source.name}.flags.is_new").splitlines() == [
        f"{m.source.name}.flags.is_new", "  on the source: tinyint(1)", "  on the target: boolean", "  because:       the rule *.is_*:tinyint(1)=bool",
        "  its values:    no rule: the first that the target cannot hold stops the export (--value-rules)"]
    assert "both sides" not in why("flags.owner_id") and "because:       the foreign key to or from owner.id, which has the rule owner.id=bigint" in why("flags.owner_id")
    assert "the smallest type that holds every value" in why("FLAGS.N", "--type-rules", "flags.price=numeric")
    assert "no column flags.none" in m.export_schema("--explain-type", "flags.none", expect=2).err
    wrong = m.export_schema("--type-rules", "flags.price=bigint", "--start-clean", "true", "--yes", expect=2)
    assert "flags.price cannot become bigint" in wrong.err and "numeric of the same scale" in wrong.said


def test_rules_for_types_stand_in_the_configuration_and_are_checked_before_anything_begins(mysql_migration, folder):
    m = mysql_migration
    m.source.sql("CREATE TABLE t (id int PRIMARY KEY, paid tinyint(1), price decimal(10,2), s set('x', 'y'), n int)")
    place = folder / "shop.yaml"

    def configured(rules):
        place.write_text(f"""export-dir: {m.export_dir}
source: {{db-type: mysql, db-host: 127.0.0.1, db-port: {m.source.port}, db-user: mover, db-name: {m.source.name}}}
target: {{db-type: postgresql, db-host: 127.0.0.1, db-port: {m.target.port}, db-user: postgres, db-name: {m.target.name}}}
export-schema: {{type-rules: "{rules}"}}
""")
        return ["--config-file", place]

    m.export_dir.mkdir(exist_ok=True)
    assert "boolean" in run("export", "schema", *configured("t.paid=boolean,t.price=numeric(12,2)"), "--explain-type", "t.paid", env=m.env).out
    shown = run("config", "show", "export", "schema", *configured("t.paid=boolean,t.price=numeric(12,2)"), env=m.env).out
    assert "t.paid=boolean,t.price=numeric(12,2)" in shown and "shop.yaml" in shown
    assert "cannot become" not in run("check", *configured("t.paid=boolean"), env=m.env, expect=None).out
    told = run("check", *configured("t.s=varchar(2)"), env=m.env, expect=None)
    assert told.code != 0 and "t.s cannot become varchar(2)" in told.out and "varchar (of 3 characters or more)" in told.out
    assert "t.n cannot become varchar(10)" in run("check", *configured("t.n=varchar(10)"), env=m.env, expect=None).out
    told = run("check", *configured("t.paid=boolean,nosuch.b=boolean,t.s=varchar(3),t.n=varchar(11)"), env=m.env, expect=None)
    assert "cannot become" not in told.out and "no column has its type by nosuch.b=boolean" in told.out, told
    told = run("check", *configured("t.price=bigint"), env=m.env, expect=None)
    assert told.code != 0 and "t.price cannot become bigint" in told.out
    run("export", "schema", *configured("t.paid=boolean"), env=m.env)
    assert "paid boolean" in (m.export_dir / "schema/tables/table.sql").read_text()
    other = run("export", "schema", "--export-dir", m.export_dir, "--source-db-type", "postgresql", "--source-db-user", "x", "--source-db-name", "x", "--source-db-schema", "x",
                "--type-rules", "t.paid=boolean", env=m.env, expect=2)
    assert "--type-rules is not for a source of the type postgresql" in other.err


DATES = """
SET sql_mode = '';
CREATE TABLE orders (id int PRIMARY KEY, placed date, shipped datetime NOT NULL, took time, note varchar(20), code enum('a', 'b'));
INSERT INTO orders VALUES (1, '2020-01-01', '2020-01-02 00:00:00', '10:00:00', 'fine', 'a'), (2, '0000-00-00', '2020-00-00 00:00:00', '10:00:00', 'x', 'b'),
  (3, '2020-01-01', '0000-00-00 00:00:00', '100:00:00', concat('a', char(0), 'b'), 'zzz'), (4, '0000-00-00', '2020-01-01', '-01:00:00', 'y', 'a');
"""


def test_a_value_that_the_target_cannot_hold_stops_the_export_by_name(mysql_migration):
    m = mysql_migration
    m.source.sql(DATES)
    m.export_schema()
    m.import_schema()
    refused = m.export_data(expect=1)
    assert "VAL-001" in refused.err and "orders.placed holds a zero date" in refused.said and "id=2" in refused.said
    assert "--value-rules 'orders.placed=null'" in refused.said


def test_rules_are_applied_counted_and_listed_and_verify_knows_them(mysql_migration):
    m = mysql_migration
    m.source.sql(DATES)
    m.export_schema()
    m.import_schema()
    rules = "orders.placed=null,orders.shipped=replace:1970-01-01 00:00:00,orders.took=null,*.note=null,*.code=reject"
    told = m.export_data("--value-rules", rules)
    assert "orders.placed: a zero date in 2 rows, rule null" in told.said
    changes = json.loads((m.export_dir / "reports/value-changes.json").read_text())["changes"]
    assert {(c["column"], c["value"], c["rule"], c["rows"], tuple(c["first_keys"])) for c in changes} == {
        ("placed", "a zero date", "null", 2, ("id=2", "id=4")),
        ("shipped", "a date with a zero month or day", "replace", 1, ("id=2",)), ("shipped", "a zero date", "replace", 1, ("id=3",)),
        ("took", "a time of more than 24 hours", "null", 1, ("id=3",)), ("took", "a negative time", "null", 1, ("id=4",)),
        ("note", "a zero byte in a text", "null", 1, ("id=3",)), ("code", "an enum's error value ''", "reject", 1, ("id=3",))}
    m.import_data()
    m.finalize()
    assert m.target.rows("SELECT id, placed, shipped, took FROM orders ORDER BY id") == [
        ("1", "2020-01-01", "2020-01-02 00:00:00", "10:00:00"), ("2", "", "1970-01-01 00:00:00", "10:00:00"), ("4", "", "2020-01-01 00:00:00", "")]
    m.verify()
    assert m.verify("--value-rules", "*.*=reject", expect=9).code == 9


SAMPLES = ["plain", "naïve €", "żółć Ł", "Привет", "Ελληνικά", "שלום", "سلام", "ไทย", "日本語ｱ", "한국어", "中文", "繁體", "😀👨‍👩‍👧", "Ünï", "ěščř", "ğış", "Ąžuolas", "ðþ"]


def test_texts_of_every_character_set_arrive(mysql_migration):
    m = mysql_migration
    sets = [row[0] for row in m.source.rows("SELECT character_set_name FROM information_schema.character_sets WHERE character_set_name NOT IN ('binary') ORDER BY 1")]
    assert len(sets) > 35
    m.source.sql("CREATE TABLE samples (id int PRIMARY KEY, t varchar(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin); INSERT INTO samples VALUES "
                 + ", ".join(f"({i}, '{text}')" for i, text in enumerate(SAMPLES)))
    for name in sets:
        m.source.sql(f"SET sql_mode = ''; CREATE TABLE of_{name} (id int PRIMARY KEY, v varchar(50) CHARACTER SET {name}, c char(50) CHARACTER SET {name}, t text CHARACTER SET {name});"
                     f"INSERT INTO of_{name} SELECT id, t, t, t FROM samples WHERE convert(convert(t USING {name}) USING utf8mb4) COLLATE utf8mb4_bin = t")
    m.move()
    m.verify()
    arrived = set()
    for name in sets:
        rows = m.target.rows(f"SELECT id, v, rtrim(c), t FROM of_{name}")
        assert rows and len(rows) == m.source.count(f"of_{name}"), name
        for number, *texts in rows:
            assert texts == [SAMPLES[int(number)]] * 3, (name, number)
            arrived.add(int(number))
    assert arrived == set(range(len(SAMPLES)))


def test_bytes_that_their_character_set_has_no_character_for_are_no_question_marks(mysql_migration):
    m = mysql_migration
    m.source.sql("""SET sql_mode = ''; CREATE TABLE t (id int PRIMARY KEY, a varchar(20) CHARACTER SET ascii, w char(20) CHARACTER SET cp1250, l varchar(20) CHARACTER SET latin1);
        INSERT INTO t VALUES (1, 'ok?', _cp1250 x'E13F', _latin1 x'8D81'); SET character_set_client = binary; INSERT IGNORE INTO t VALUES (2, x'E9', x'E1', 'x'), (3, '?', x'3F81', 'x'), (4, NULL, NULL, NULL)""")
    assert m.source.rows("SELECT convert(a USING utf8mb4), convert(w USING utf8mb4) FROM t WHERE id IN (2, 3) ORDER BY id") == [("?", "á"), ("?", "??")]
    m.export_schema()
    m.import_schema()
    refused = m.export_data(expect=1)
    assert "t.a holds bytes that are no characters" in refused.said and "id=2" in refused.said
    m.export_data("--value-rules", "*.*=null")
    changes = json.loads((m.export_dir / "reports/value-changes.json").read_text())["changes"]
    assert {(c["column"], c["value"], tuple(c["first_keys"])) for c in changes} == {
        ("a", "bytes that are no characters", ("id=2",)), ("w", "bytes that are no characters", ("id=3",))}
    m.import_data()
    m.verify()
    assert m.target.rows("SELECT a, rtrim(w) FROM t ORDER BY id") == [("ok?", "á?"), ("", "á"), ("?", ""), ("", "")]


# Each row's value is a form of its own.
FORMS = {
    "d date": ["'2020-02-29'", "'0001-01-01'", "'9999-12-31'", "'0000-00-00'", "'2020-00-00'", "'2020-01-00'", "'2020-00-01'", "'0000-01-01'", "'2021-02-31'", "'2021-02-29'", "NULL"],
    "dt datetime(6)": ["'2020-02-29 23:59:59.999999'", "'0000-00-00 00:00:00'", "'0000-00-00 10:11:12.5'", "'2020-00-01 00:00:00'", "'2020-01-00 00:00:00'", "'0000-12-01 00:00:00'",
                       "'2021-04-31 00:00:00'", "NULL"],
    "ts timestamp(3) NULL": ["'1970-01-01 00:00:01'", "'2038-01-19 03:14:07.999'", "'0000-00-00 00:00:00'", "0", "NULL"],
    "t time(2)": ["'00:00:00'", "'23:59:59.99'", "'24:00:00'", "'24:00:00.01'", "'-00:00:01'", "'838:59:59'", "'-838:59:59'", "NULL"],
    "y year": ["1901", "2155", "0", "NULL"],
    "s varchar(40)": ["'😀 emoji'", "concat('a', char(0), 'b')", "char(0)", "_latin1 x'4DC3BC6C6C6572'", "''", "NULL"],
    "e enum('a', 'b')": ["'a'", "'none'", "0", "NULL"],
}


@pytest.mark.parametrize("action", ["null", "reject"])
def test_every_row_of_bad_values_is_accounted_for_and_every_rule_that_was_used_is_listed(mysql_migration, action):
    m = mysql_migration
    m.source.sql("SET sql_mode = 'ALLOW_INVALID_DATES'; SET time_zone = '+00:00';" + "".join(
        f"CREATE TABLE of_{column.split()[0]} (id int AUTO_INCREMENT PRIMARY KEY, {column});"
        f"INSERT INTO of_{column.split()[0]} ({column.split()[0]}) VALUES " + ", ".join(f"({form})" for form in forms) + ";" for column, forms in FORMS.items()))
    m.export_schema()
    m.import_schema()
    m.export_data("--value-rules", f"of_s.s=repair,*.*={action}", expect=1)  # The first rule counts: a zero byte is none that `repair` knows.
    m.export_data("--start-clean", "true", "--yes", "--value-rules", f"*.*={action}")
    m.import_data()
    m.finalize()
    m.verify()
    changes = json.loads((m.export_dir / "reports/value-changes.json").read_text())["changes"]
    found = {}
    for one in changes:
        assert one["rule"] == action and one["first_keys"]
        found.setdefault(one["table"].removeprefix("public."), []).append((one["value"], one["rows"]))
    assert {name: sorted(kinds) for name, kinds in found.items()} == {
        "of_d": [("a date of the year 0", 1), ("a date with a zero month or day", 3), ("a day that its month does not have", 2), ("a zero date", 1)],
        "of_dt": [("a date of the year 0", 1), ("a date with a zero month or day", 2), ("a day that its month does not have", 1), ("a zero date", 2)],
        "of_ts": [("a zero date", 2)],
        "of_t": [("a negative time", 2), ("a time of more than 24 hours", 2)],
        "of_s": [("a zero byte in a text", 2)],
        "of_e": [("an enum's error value ''", 2)],
    }
    for column, forms in FORMS.items():
        name = column.split()[0]
        changed = sum(rows for _, rows in found.get(f"of_{name}", []))
        nulls = sum(1 for form in forms if form == "NULL")
        if action == "reject":
            assert m.target.count(f"of_{name}") == len(forms) - changed, name
        else:
            assert m.target.count(f"of_{name}") == len(forms), name
            assert int(m.target.value(f"SELECT count(*) FROM of_{name} WHERE {name} IS NULL")) == nulls + changed, name


def test_verify_finds_each_planted_difference(mysql_migration):
    m = mysql_migration
    m.source.sql("CREATE TABLE t (id int PRIMARY KEY, v varchar(20), f double, b blob, n int, UNIQUE KEY u (n));"
                 "INSERT INTO t SELECT seq, concat('v', seq), seq / 7, concat('b', seq), seq FROM seq_1_to_3000;"
                 "CREATE TABLE same (id int PRIMARY KEY); INSERT INTO same VALUES (1)")
    m.move()
    m.verify()
    m.target.sql("UPDATE t SET v = 'V7' WHERE id = 7; UPDATE t SET f = f + 1e-12 WHERE id = 70; UPDATE t SET b = b || '\\x00' WHERE id = 700;"
                 "UPDATE t SET n = NULL WHERE id = 71; DELETE FROM t WHERE id = 1700; INSERT INTO t VALUES (9999, '', 0, '', 9999);"
                 "ALTER TABLE t DROP CONSTRAINT t_u")
    found = m.verify("--output-format", "json", expect=9).json()
    by_table = {t["table"]: t for t in found["tables"]}
    assert by_table["public.same"]["equal"] and not by_table["public.t"]["equal"]
    assert {(k["key"], k["difference"]) for k in by_table["public.t"]["keys"]} == {
        ("id=7", "different"), ("id=70", "different"), ("id=700", "different"), ("id=71", "different"), ("id=1700", "missing_on_target"),
        ("id=9999", "only_on_target")}
    assert [(o["kind"], o["name"]) for o in found["objects"]] == [("unique", "public.t.t_u")]


ROWS = """
CREATE TABLE big (id int PRIMARY KEY, pad varchar(400)); INSERT INTO big SELECT seq * 3, repeat(char(97 + seq % 26), 400) FROM seq_1_to_60000;
CREATE TABLE small (id int AUTO_INCREMENT PRIMARY KEY, v int); INSERT INTO small (v) SELECT seq FROM seq_1_to_100;
"""


@pytest.mark.parametrize("fault", ["export_data.after_plan", "export_data.chunk_half_written:7", "export_data.chunk_renamed:2", "export_data.before_done"])
def test_killed_and_resumed(mysql_migration, fault):
    m = mysql_migration
    m.source.sql(ROWS)
    m.export_schema()
    m.import_schema()
    killed = m.export_data(env={"YB_VOYAGER_FAULT": fault}, expect=None)
    assert killed.code == -signal.SIGKILL, killed
    again = m.export_data()
    assert "nothing was written on the source since" in again.said
    m.import_data()
    m.finalize()
    m.verify()


def test_copied_without_files_killed_and_written_to(mysql_migration):
    m = mysql_migration
    m.source.sql(ROWS)
    # More batches than both killed runs can commit: a table that is complete would be kept as it was read.
    m.source.sql("CREATE TABLE keyless (a int, b int, KEY (b, a)); INSERT INTO keyless SELECT seq % 100, 40000 - seq FROM seq_1_to_40000;"
                 "CREATE TABLE covered (id int PRIMARY KEY, b int, KEY (b, id)); INSERT INTO covered SELECT seq, 10000 - seq FROM seq_1_to_10000")
    m.export_schema()
    m.import_schema()
    some = ["--parallel-jobs", "2", "--batch-size", "900"]
    assert m.copy_data(*some, env={"YB_VOYAGER_FAULT": "import_data.batch_committed:9"}, expect=None).code == -signal.SIGKILL
    m.target.sql("ANALYZE")
    again = m.copy_data(*some, env={"YB_VOYAGER_FAULT": "import_data.batch_committed:9"}, expect=None)
    # What a process says just before it is killed may be in its log only.
    told = (m.export_dir / "logs" / "yb-voyager-copy-data.log").read_text()
    assert "nothing was written on the source since" in told and again.code == -signal.SIGKILL
    m.source.sql("INSERT INTO big VALUES (1, 'x'); UPDATE keyless SET b = b + 1")
    assert "two moments" in m.copy_data("--no-input", expect=10).said
    m.copy_data("--yes")
    m.finalize()
    m.verify()


def test_rows_that_are_read_again_do_not_cost_the_snapshot(mysql_migration):
    """Refused batches are too large to be kept, and a connection that reads a part of one again holds the snapshot too."""
    m = mysql_migration
    m.source.sql("CREATE TABLE t (id int PRIMARY KEY, body text); INSERT INTO t SELECT seq, repeat(md5(seq), 20) FROM seq_1_to_20000")
    m.export_schema()
    m.import_schema()
    m.target.sql("ALTER TABLE t ADD CHECK (id % 4000 <> 7)")
    m.copy_data("--parallel-jobs", "1", "--error-policy-snapshot", "stash-and-continue", expect=8)
    assert m.target.count("t") == 19995


def test_a_source_that_was_written_to_is_read_again_with_consent(mysql_migration):
    m = mysql_migration
    m.source.sql(ROWS)
    m.export_schema()
    m.import_schema()
    m.import_data(expect=7)  # The command that it prints is checked by whatever runs here.
    m.export_data(env={"YB_VOYAGER_FAULT": "export_data.chunk_renamed"}, expect=None)
    m.source.sql("INSERT INTO big VALUES (1, 'x')")
    m.export_data(expect=10)
    m.export_data("--yes")
    m.import_data()
    m.finalize()
    m.verify()


def test_several_connections_read_one_moment_while_rows_are_written(mysql_migration):
    """Pairs of rows that are always written together: no export sees one without the other."""
    m = mysql_migration
    m.source.sql("CREATE TABLE l (id int AUTO_INCREMENT PRIMARY KEY); CREATE TABLE r (id int AUTO_INCREMENT PRIMARY KEY)")
    m.export_schema()
    m.import_schema()
    writer = subprocess.Popen(["mariadb", "--no-defaults", "-S", m.source.server.socket, "-u", "root", m.source.name], stdin=subprocess.PIPE)
    writer.stdin.write(b"START TRANSACTION; INSERT INTO l VALUES (NULL); INSERT INTO r VALUES (NULL); COMMIT;\n" * 20000)
    told = m.export_data("--parallel-jobs", "4")
    writer.stdin.close()
    writer.wait()
    assert "one moment for all connections" in told.said
    m.import_data()
    assert m.target.count("l") == m.target.count("r") > 0


RIGHTS = "DROP USER IF EXISTS poor; CREATE USER poor IDENTIFIED BY 'it''s a secret';"


def test_missing_rights_are_spelled_out(mysql_migration):
    m = mysql_migration
    m.source.sql(RIGHTS + "CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE hidden (id int); CREATE VIEW v AS SELECT id FROM t")
    m.source.sql(f"GRANT SELECT ON `{m.source.name}`.t TO poor")
    m.source.user = "poor"
    told = m.export_schema(expect=10)
    assert f"GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON `{m.source.name}`.* TO 'poor'@'%';" in told.said
    m.source.sql(f"GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON `{m.source.name}`.* TO poor")
    m.export_schema()
    m.import_schema()
    told = m.export_data()
    assert "one connection reads all rows" in told.said and "GRANT RELOAD ON *.*" in told.said
    m.import_data()
    m.finalize()
    m.verify()
    m.source.sql(f"GRANT LOCK TABLES ON `{m.source.name}`.* TO poor")
    assert "by LOCK TABLES" in m.export_data("--start-clean", "true", "--yes").said


def test_login_and_usage_errors_say_what_to_do(mysql_migration):
    m = mysql_migration
    wrong = m.export_schema(env={"SOURCE_DB_PASSWORD": "wrong"}, expect=4)
    assert "1045" in wrong.err and "SOURCE_DB_PASSWORD" in wrong.err
    name, m.source.name = m.source.name, "no_such_db"
    told = m.export_schema(expect=4)
    assert "1049" in told.err and "CON-004" in told.err and "there are: " in told.said
    m.source.name = name
    assert "--source-db-schema" in m.export_schema("--source-db-schema", "public", expect=2).err
    assert "allow" in m.export_schema("--source-ssl-mode", "allow", expect=2).err
    assert "SET GLOBAL binlog_format = 'ROW'" in m.export_data("--export-type", "snapshot-and-changes", expect=6).said
    assert re.search(r"--value-rules.*no rule", m.export_data("--value-rules", "nonsense", expect=2).said)


def test_tables_without_transactions_are_asked_about(mysql_migration):
    m = mysql_migration
    m.source.sql("CREATE TABLE old (id int PRIMARY KEY) ENGINE = MyISAM; INSERT INTO old VALUES (1)")
    m.export_schema()
    m.import_schema()
    told = m.export_data(expect=10)
    assert "old (MyISAM)" in told.said and "ENGINE = InnoDB" in told.said
    m.export_data("--yes")
    m.import_data()
    m.verify()


def test_a_server_that_goes_away_in_the_middle_is_said_and_the_export_goes_on(mariadb_server, mysql_migration):
    m = mysql_migration
    m.source.sql(ROWS)
    m.export_schema()
    m.import_schema()
    running = m.start(*m.line("export data"), env={"YB_VOYAGER_FAULT": "export_data.chunk_renamed:1:error"})
    running.finish()
    mariadb_server.down()
    assert m.export_data(expect=4).code == 4
    mariadb_server.up()
    m.export_data("--yes")
    m.import_data()
    m.finalize()
    m.verify()
