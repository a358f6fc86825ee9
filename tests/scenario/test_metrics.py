"""What a running command tells: Prometheus' text over HTTP, and status --watch out of the state."""

import json
import os
import re
import signal
import socket
import subprocess
import time

import pytest

from harness import json_schema
from harness.application import wait_for
from harness.cluster import free_port
from harness.metrics import scraped
from harness.migration import binary
from harness.proxy import Proxy

ROWS = 6000   # of 400 bytes: some seconds through a slow proxy, seen many times


@pytest.fixture
def shop(migration):
    migration.source.sql(f"""
        CREATE TABLE big (id int PRIMARY KEY, body text); INSERT INTO big SELECT g, repeat(md5(g::text), 12) FROM generate_series(1, {ROWS}) g;
        CREATE SCHEMA other; CREATE TABLE other."odd ""name" (id int); INSERT INTO other."odd ""name" VALUES (1), (2);""")
    migration.schemas = "public,other"
    migration.export_schema()
    migration.import_schema()
    return migration


@pytest.mark.parametrize("step, kind, rate", [("export data", "export", "source"), ("import data", "import", "target"), ("copy data", "import", "target")])
def test_scraped_while_rows_move(shop, step, kind, rate):
    if step == "import data":
        shop.export_data()
    port, seen = free_port(), []
    with Proxy(getattr(shop, rate).port, rate=2_000_000) as slow:
        setattr(shop, f"{rate}_port", slow.port)
        running = shop.start(*shop.line(step), "--parallel-jobs", "1", "--metrics-port", port)
        while running.running():
            if (now := scraped(port)):
                seen.append(now)
            time.sleep(0.05)
        assert running.finish().code == 0, running.finish()
    rows = [r for s in seen if (r := s.value(f"{kind}_data_snapshot_rows_total", table_name="big")) is not None]
    assert rows and rows == sorted(rows) and 0 < rows[-1] <= ROWS, rows
    assert any(s.value(f"{kind}_data_parallelism") == 1 for s in seen)
    last = seen[-1]
    assert last.value(f"{kind}_data_snapshot_tables_total") == 2
    assert last.value("build_info") == 1 and 0 < last.value("export_dir_free_bytes") <= last.value("export_dir_size_bytes")
    assert last.value(f"{kind}_data_snapshot_table_expected_rows", schema_name="other", table_name='odd "name') is not None
    if kind == "import":
        big = {"schema_name": "public", "table_name": "big"}
        figures = [last.value(f"import_data_snapshot_batch_{name}", **big) for name in ("created_total", "submitted_total", "ingested_total", "size_rows_count")]
        assert figures[0] >= figures[1] >= figures[2] == figures[3] > 0, figures
        assert last.value("import_data_snapshot_batch_size_rows_sum", **big) == rows[-1]
        buckets = [last.value("import_data_snapshot_batch_size_bytes_bucket", le=str(4 ** n * 1024), **big) for n in range(8)]
        assert buckets == sorted(buckets) and buckets[-1] <= figures[2] == last.value("import_data_snapshot_batch_size_bytes_bucket", le="+Inf", **big)
    assert scraped(port) is None


def test_unfinished_requests_keep_nobody_waiting_for_long(shop):
    port, halves = free_port(), []
    with Proxy(shop.source.port, rate=500_000) as slow:
        shop.source_port = slow.port
        running = shop.start(*shop.line("export data"), "--parallel-jobs", "1", "--metrics-port", port)
        while not scraped(port):
            assert running.running(), running.finish()
            time.sleep(0.02)
        for _ in range(100):   # One after the other for five seconds each would be minutes.
            halves.append(socket.create_connection(("127.0.0.1", port)))
            halves[-1].sendall(b"GET /met")
        while not (answered := scraped(port)) and running.running():
            time.sleep(0.02)
        assert answered and running.running()
        for half in halves:
            half.close()
        slow.rate = 0
        assert running.finish().code == 0


def test_rows_that_are_set_aside(shop):
    shop.export_data()
    shop.target.sql("INSERT INTO big VALUES (7, 'there already')")
    port = free_port()
    seen = None
    with Proxy(shop.target.port, rate=2_000_000) as slow:
        shop.target_port = slow.port
        running = shop.start(*shop.line("import data"), "--error-policy-snapshot", "stash-and-continue", "--metrics-port", port, "--yes")
        while running.running():
            seen = scraped(port) or seen
            time.sleep(0.02)
    assert running.finish().code == 8
    assert seen.value("import_data_errors_total", table_name="big", error_kind="batch_ingestion") == 1
    assert seen.value("import_data_error_bytes_total", table_name="big", error_kind="batch_ingestion") > 300
    assert seen.value("import_data_errors_total", table_name="big", error_kind="row_processing") == 0


def test_a_port_that_is_taken_ends_the_command_before_it_begins(shop):
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        done = shop.export_data("--metrics-port", port, expect=2)
    assert "CLI-005" in done.err and f"port {port}" in done.err
    assert not shop.data_files()
    for address, why in (("999.1.1.1", "YB_VOYAGER_METRICS_ADDRESS is 999.1.1.1, which is no address"), ("203.0.113.7", "this machine has no address 203.0.113.7")):
        done = shop.export_data("--metrics-port", port, env={"YB_VOYAGER_METRICS_ADDRESS": address}, expect=2)
        assert "CLI-005" in done.err and why in done.said and "another program" not in done.err, done
    shop.export_data("--metrics-port", port)


def test_status_is_watched_until_the_command_ends(shop):
    shop.source.sql(f"INSERT INTO big SELECT g, repeat(md5(g::text), 12) FROM generate_series({ROWS} + 1, 20000) g")   # More than one batch.
    with Proxy(shop.target.port, rate=2_000_000) as slow:
        shop.target_port = slow.port
        copying = shop.start(*shop.line("copy data"), "--parallel-jobs", "1")
        while shop.target.count("big") == 0:
            time.sleep(0.02)
        text = shop.start("import", "data", "status", "--export-dir", shop.export_dir, "--watch")
        lines = shop.start("export", "data", "status", "--export-dir", shop.export_dir, "--watch", "--output-format", "json")
        overall = shop.start("status", "--export-dir", shop.export_dir, "--watch", "true", "--output-format", "json")
        assert copying.finish().code == 0
        text, lines, overall = text.finish(), lines.finish(), overall.finish()
    assert text.code == lines.code == overall.code == 0
    assert "copy-data rows:" in text.out and "rows/s" in text.out, text
    last = json.loads(lines.out.splitlines()[-1])
    assert {row["status"] for row in last} == {"DONE"}
    pictures = [json.loads(line) for line in overall.out.splitlines()]
    assert [wrong for picture in pictures if (wrong := json_schema.errors(picture, "status"))] == []
    assert pictures[0]["importer"]["state"] == pictures[0]["exporter"]["state"] == "running"
    assert pictures[0]["importer"]["process"] == copying.pid and pictures[0]["importer"]["age_s"] < 10
    done = pictures[-1]["importer"]
    assert (done["state"], done["process"], done["rows_done"], done["next_steps"]) == ("done", None, 20002, [])
    again = shop.command("import", "data", "status", "--export-dir", shop.export_dir, "--watch")
    assert "copy-data rows" not in again.out and "DONE" in again.out


def test_one_that_was_killed_is_stopped_and_one_that_failed_has_failed(shop):
    def state(role):
        return json.loads(shop.command("status", "--export-dir", shop.export_dir, "--output-format", "json").out)[role]

    assert state("importer") is None
    shop.export_data()
    with shop.target.held("LOCK TABLE big IN SHARE MODE"):   # It cannot end before it is seen.
        importing = shop.start(*shop.line("import data"))
        wait_for(lambda: not importing.running() or (now := state("importer")) is not None and now["stage"] == "rows", "rows are imported")
        now = state("importer")
        assert now["state"] == "running" and now["process"] == importing.pid
        importing.kill(signal.SIGKILL)
        importing.finish()
    now = state("importer")
    assert (now["state"], now["process"]) == ("stopped", None) and "import data" in now["next_steps"][0]["command"]
    assert state("exporter")["state"] == "done"
    text = shop.command("status", "--export-dir", shop.export_dir).out
    assert re.search(r"importer +import data +stopped +- +\S.* ago +rows: ", text) and "import data goes on with: yb-voyager import data" in text, text
    shop.target.sql(f"INSERT INTO big VALUES ({ROWS}, 'there already') ON CONFLICT (id) DO UPDATE SET body = 'changed'")
    shop.target.sql("ALTER TABLE other.\"odd \"\"name\" ADD CHECK (id < 0) NOT VALID")
    shop.import_data("--yes", expect=None)
    assert state("importer")["state"] == "failed"
    shop.target.sql("TRUNCATE big; ALTER TABLE other.\"odd \"\"name\" DROP CONSTRAINT \"odd \"\"name_id_check\"")
    time.sleep(1)  # Runs are named by the second in which they begin.
    shop.import_data("--start-clean", "true", "--truncate-tables", "true", "--yes")
    assert state("importer")["state"] == "done"
    # Both may have ended in the same second.
    runs = list((shop.export_dir / "reports" / "runs").glob("import-data-*.json"))
    last = max(json.loads(run.read_text())["ended_at"] for run in runs)
    assert len(runs) == 2
    for run in runs:
        written = run.stat().st_mtime_ns
        run.write_text(re.sub(r'("ended_at": *)"[^"]*"', rf'\1"{last}"', run.read_text()))
        os.utime(run, ns=(written, written))
    assert state("importer")["state"] == "done"


def test_logs_are_read_as_one(shop):
    shop.export_data("--log-format", "json")
    shop.import_data("--target-db-name", "not_there", expect=5)
    shop.import_data()

    def logs(*of, **options):
        return shop.command("logs", *of, "--export-dir", shop.export_dir, **options).out.splitlines()

    everything = logs()
    assert [line[:26] for line in everything if line[:2] == "20"] == sorted(line[:26] for line in everything if line[:2] == "20")
    assert {"export-data:", "import-data:"} <= {line.split()[3] for line in everything if line[:2] == "20"}
    errors = logs("--level", "error")
    assert any("not_there" in line for line in errors) and all(" error import-data: " in line for line in errors if line[:2] == "20")
    assert not any("not_there" in line for line in logs("import", "data", "--last-run", "true", "--level", "error"))
    entries = [json.loads(line) for line in logs("--output-format", "json")]
    assert [wrong for entry in entries if (wrong := json_schema.errors(entry, "log-entry"))] == []
    assert any(entry["command"] == "export-data" for entry in entries)
    for line in next(shop.export_dir.glob("logs/*export-data.jsonl")).read_text().splitlines():
        assert json.loads(line)["msg"]
    following = shop.start("logs", "import", "data", "--follow", "true", "--export-dir", shop.export_dir)
    shop.import_data()
    time.sleep(1)
    following.kill(signal.SIGINT)
    followed = following.finish()
    assert followed.code == 130 and len(followed.out.splitlines()) > len(logs("import", "data")) / 2
    assert logs("copy", "data", expect=7) == []
    for wrong in (("no", "such"), ("--follow", "maybe")):
        refused = shop.command("logs", *wrong, "--export-dir", shop.export_dir, expect=2)
        assert f'there is no command "{wrong[-1] if wrong[0] == "--follow" else "no such"}"' in refused.said and "true or false" in refused.said, refused
    # Who reads no more is not written to.
    subprocess.run(["bash", "-c", '"$@" | head -3', "-", binary(), "logs", "--follow", "true", "--export-dir", shop.export_dir], check=True, timeout=20, capture_output=True)
