"""The assessment of a MariaDB source: live, from what its script gathered, and of its rows."""

import json
import os
import subprocess

import pytest

from harness.mariadb import PASSWORD, MariaServer
from harness.migration import REPOSITORY, run

SCRIPT = REPOSITORY / "share/gather-assessment-metadata/mysql/yb-voyager-mysql-gather-assessment-metadata.sh"

SHOP = r"""
SET sql_mode = '';
CREATE TABLE customer (id bigint unsigned AUTO_INCREMENT PRIMARY KEY, name varchar(80) CHARACTER SET latin1, born date, seen datetime NOT NULL, took time, note text,
  place point NOT NULL, KEY name (name), KEY name_born (name, born), KEY again (name, born), SPATIAL KEY place (place));
CREATE TABLE `order` (id int PRIMARY KEY, customer_id bigint unsigned, total decimal(10,2), state enum('new', 'sold'), y int,
  CONSTRAINT of_customer FOREIGN KEY (customer_id) REFERENCES customer (id));
CREATE TABLE log (id int, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE COLUMNS (at) (
  PARTITION old VALUES LESS THAN ('2020-01-01'), PARTITION young VALUES LESS THAN (MAXVALUE));
CREATE VIEW `odd <view>` AS SELECT id FROM customer WHERE name LIKE 'x%';
CREATE SEQUENCE tickets START WITH 7;
DELIMITER //
CREATE PROCEDURE `clear & <count>`(IN n int)
BEGIN
  DECLARE EXIT HANDLER FOR SQLEXCEPTION ROLLBACK;
  DELETE FROM log WHERE id > n AND 1 < 2;
END//
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO DELETE FROM log//
DELIMITER ;
INSERT INTO customer (name, born, seen, took, note, place) VALUES ('Zoë', '2000-01-01', '2020-01-01', '10:00:00', 'fine', POINT(1, 1)),
  (_latin1 x'4DC3BC6C6C6572', '0000-00-00', '2020-00-01', '100:00:00', 'é', POINT(1, 1)),
  ('x', '0000-00-00', '0000-00-00', '-01:00:00', concat('a', char(0)), POINT(1, 1));
INSERT INTO `order` SELECT seq, 1, seq, 'new', seq FROM seq_1_to_500;
INSERT INTO log VALUES (1, '2019-01-01'), (2, '2021-01-01'), (3, '2022-01-01');
ANALYZE TABLE customer, `order`, log;
"""


@pytest.fixture
def shop(mysql_migration):
    mysql_migration.source.sql(SHOP)
    return mysql_migration


def report(migration) -> dict:
    return json.loads((migration.export_dir / "assessment/reports/migration_assessment_report.json").read_text())


def assess(migration, *more, **kwargs):
    return run("assess-migration", "--export-dir", migration.export_dir, *migration.source_flags(), "--target-db-version", "2025.2.3.0",
               "--iops-capture-interval", "0", "--yes", *more, env=migration.env, **kwargs)


def issues(found: dict) -> dict:
    out = {}
    for one in found["AssessmentIssues"]:
        out.setdefault(one["Type"], {})[one["ObjectName"]] = one
    return out


def test_the_report_is_that_of_any_source(shop):
    told = assess(shop, "--anonymize", "true")
    found = report(shop)
    assert found["MigrationComplexity"] in ("LOW", "MEDIUM", "HIGH")
    assert found["Sizing"]["SizingRecommendation"]["NumNodes"] >= 3
    by_type = issues(found)
    assert set(by_type["NOT_TRANSLATED"]) == {"public.customer.place", "public.odd <view>", "public.clear & <count>", "public.nightly"}
    procedure = by_type["NOT_TRANSLATED"]["public.clear & <count>"]
    assert "line 3: a handler that leaves the block" in json.dumps(procedure) and "DELETE FROM log" in procedure["SqlStatement"]
    assert "public.customer" in by_type["CONVERTED_WITH_CHANGE"]
    unseen = json.dumps(found)
    assert "they are written for MySQL" in unseen and "the rows were not read" in unseen and "performance_schema is off" in unseen
    page = (shop.export_dir / "assessment/reports/migration_assessment_report.html").read_text()
    assert "odd &lt;view&gt;" in page and "odd <view>" not in page
    tables = {(t["SchemaName"], t["ObjectName"]): t for t in found["TableIndexStats"]}
    assert tables["public", "order"]["RowCount"] == 500 and tables["public", "order"]["ColumnCount"] == 5
    assert tables["public", "log_young"]["RowCount"] >= 1 and tables["public", "customer_name"]["IsIndex"]
    nameless = (shop.export_dir / "assessment/reports/migration_assessment_report_anonymized.json").read_text()
    for secret in ("customer", "nightly", "odd <view>", "DELETE FROM log", "name_born"):
        assert secret not in nameless, secret
    assert "issue" in told.said


def test_redundant_indexes_are_found(shop):
    assess(shop)
    redundant = {row["redundant_index_name"] for row in sqlite(shop, "SELECT redundant_index_name FROM redundant_indexes")}
    # customer_again comes before customer_name_born, and both begin as customer_name does.
    assert redundant == {"customer_name", "customer_name_born"}


def sqlite(migration, query: str) -> list[dict]:
    import sqlite3
    db = sqlite3.connect(migration.export_dir / "assessment/dbs/assessment.db")
    db.row_factory = sqlite3.Row
    return [dict(row) for row in db.execute(query)]


def test_the_rows_are_read_and_rules_are_proposed(shop):
    told = assess(shop, "--data-scan", "true")
    found = issues(report(shop))["UNFIT_VALUES"]
    assert {name: one["Details"]["Rows"] for name, one in found.items() if name != "public.customer.seen" and name != "public.customer.took"} == {
        "public.customer.born": "2", "public.customer.name": "1", "public.customer.note": "1"}
    text = (shop.export_dir / "assessment/reports/value-rules.yaml").read_text()
    assert str(shop.export_dir / "assessment/reports/value-rules.yaml") in told.said
    assert "'MÃ¼ller' becomes 'Müller'" in text and "id=2" in text
    line = next(line for line in text.splitlines() if line.strip().startswith("value-rules:"))
    rules = line.split('"')[1]
    assert set(rules.split(",")) == {"customer.born=null", "customer.name=repair", "customer.seen=replace:1970-01-01 00:00:00", "customer.took=null", "customer.note=null"}
    # What is proposed is enough, and does what it says.
    shop.export_schema()
    shop.import_schema()
    shop.export_data("--value-rules", rules)
    shop.import_data()
    shop.finalize()
    shop.verify()
    assert shop.target.rows("SELECT name, born, seen, took, note FROM customer WHERE id = 2") == [("Müller", "", "1970-01-01 00:00:00", "", "é")]
    assert shop.target.value("SELECT name FROM customer WHERE id = 1") == "Zoë"
    changes = json.loads((shop.export_dir / "reports/value-changes.json").read_text())["changes"]
    assert {(c["column"], c["value"], c["rule"], c["rows"]) for c in changes if c["column"] == "name"} == {("name", "a text that was encoded twice", "repair", 1)}

    cut = assess(shop, "--data-scan", "true", "--data-scan-rows", "1", "--start-clean", "true")
    assert "UNFIT_VALUES" not in issues(report(shop)) and "only the first 1 rows were read" in json.dumps(report(shop)), cut.said


def test_rules_are_proposed_for_every_name(mysql_migration):
    """Those of names that YAML, the list of rules and a shell would read otherwise: the file is one of the configuration as it is."""
    m = mysql_migration
    names = ["com,ma", 'q"u\\o', "do.t", "li\nexport-dir: /nowhere\n#", "it's $x [a]", "qu`ote*"]
    quoted = ["`" + name.replace("`", "``") + "`" for name in names]
    m.source.sql("SET sql_mode = '';" + "".join(f"CREATE TABLE {name} (id int PRIMARY KEY, `eq=ual` date, `{i}\n, ok` date); INSERT INTO {name} VALUES (1, '0000-00-00', '0000-00-00');"
                                                for i, name in enumerate(quoted)))
    assess(m, "--data-scan", "true")
    file = m.export_dir / "assessment/reports/value-rules.yaml"
    assert [line for line in file.read_text().splitlines() if not line.startswith("#")][0] == "export-data:"
    m.export_schema()
    m.import_schema()
    m.export_data("--config-file", file)
    m.import_data()
    m.finalize()
    m.verify()
    changes = json.loads((m.export_dir / "reports/value-changes.json").read_text())["changes"]
    assert len(changes) == 2 * len(names) and {c["rule"] for c in changes} == {"null"}, changes


def gather(source, folder, *options, interval=0, expect=0):
    done = subprocess.run([SCRIPT, source.name, folder, str(interval), f"--host={source.host}", f"--port={source.port}", f"--user={source.user}", *options],
                          capture_output=True, text=True, env={**os.environ, "MYSQL_PWD": source.password})
    assert done.returncode == expect, done.stdout + done.stderr
    return done


def test_what_the_script_gathers_is_what_the_program_reads(shop, tmp_path):
    gather(shop.source, tmp_path / "meta")
    assess(shop)
    live = report(shop)
    run("assess-migration", "--export-dir", shop.export_dir, "--source-db-type", "mysql", "--assessment-metadata-dir", tmp_path / "meta",
        "--target-db-version", "2025.2.3.0", "--start-clean", "true", "--yes", env=shop.env)
    gathered = report(shop)
    for key in ("AssessmentIssues", "TableIndexStats", "Sizing", "MigrationComplexity"):
        assert gathered[key] == live[key], key
    assert (shop.export_dir / "assessment/metadata/schema/tables/table.sql").exists()


def test_the_script_says_what_fails_and_keeps_what_was_there(shop, tmp_path):
    gather(shop.source, tmp_path / "meta")
    before = (tmp_path / "meta/node-primary/tables.xml").read_bytes()
    shop.source.name, name = "no_such_db", shop.source.name
    assert "cannot connect" in gather(shop.source, tmp_path / "meta", expect=1).stderr
    shop.source.name = name
    assert "MYSQL_PWD" in gather(shop.source, tmp_path / "meta", "--password=x", expect=1).stderr
    assert (tmp_path / "meta/node-primary/tables.xml").read_bytes() == before and not list((tmp_path / "meta").glob(".node*"))
    (tmp_path / "meta/node-primary/tables.xml").write_bytes(before[:-40])
    refused = run("assess-migration", "--export-dir", shop.export_dir, "--source-db-type", "mysql", "--assessment-metadata-dir", tmp_path / "meta",
                  "--target-db-version", "2025.2.3.0", "--yes", env=shop.env, expect=2)
    assert "tables.xml" in refused.said and "ASM-010" in refused.said


def test_the_load_is_measured_where_the_server_counts_it(target, folder):
    from harness.mariadb import MySqlMigration
    with MariaServer("counting", settings=["--performance-schema=ON"]) as server:
        m = MySqlMigration(server.create("shop"), target, folder)
        m.source.sql("CREATE TABLE t (id int PRIMARY KEY, n int, KEY n (n)); INSERT INTO t SELECT seq, seq FROM seq_1_to_1000")
        m.source.sql("SELECT count(*) FROM t WHERE n > 5")
        assess(m)
        uses = {row["object_name"]: row for row in sqlite(m, "SELECT * FROM table_index_usage_stats")}
        assert uses["t"]["inserts"] == 1000 and uses["t_n"]["scans"] > 900
        assert "performance_schema is off" not in json.dumps(report(m))


def test_wrong_combinations_are_refused(shop, tmp_path):
    refused = assess(shop, "--type-rules", "customer.born=bigint", expect=2)
    assert "customer.born cannot become bigint" in refused.said
    plain = run("assess-migration", "--export-dir", shop.export_dir, "--source-db-type", "postgresql", "--source-db-user", "x", "--source-db-name", "x",
                "--source-db-schema", "x", "--data-scan", "true", env=shop.env, expect=2)
    assert "--data-scan is not for a source of the type postgresql" in plain.said
