"""Export and import at the same time, stopping in the middle, and going on."""

import json
import signal
import time

import pytest

from harness.migration import contents
from harness.proxy import Proxy


@pytest.fixture
def wide(migration):
    """Some 20 MB in tables of different size."""
    migration.source.sql("""
        CREATE TABLE big (id int PRIMARY KEY, body text);
        INSERT INTO big SELECT g, (SELECT string_agg(md5(g || ' ' || i), '') FROM generate_series(1, 12) i) FROM generate_series(1, 40000) g;
        CREATE INDEX ON big (left(body, 10));
        CREATE TABLE small (id int PRIMARY KEY REFERENCES big); INSERT INTO small SELECT generate_series(1, 500);
        CREATE TABLE empty (id int);""")
    migration.export_schema()
    migration.import_schema()
    return migration


def wait_until(condition, seconds=180):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.01)


def largest_file(migration) -> int:
    """In bytes, below data/. Files may go while they are looked at: they get other names."""
    sizes = [0]
    for path in migration.files("data/**/*"):
        try:
            sizes.append(path.stat().st_size)
        except FileNotFoundError:
            continue
    return max(sizes)


def test_import_starts_while_the_export_runs(wide):
    with Proxy(wide.source.port, rate=2_000_000) as slow:
        wide.source_port = slow.port
        export = wide.start(*wide.line("export data"), "--parallel-jobs", "1")
        importing = wide.start(*wide.line("import data"))
        seen = False
        while export.running():
            seen = seen or wide.target.count("big") > 0
            time.sleep(0.05)
        assert export.finish().code == 0, export.finish()
        done = importing.finish()
    assert done.code == 0, done
    assert seen, "no row arrived before the export was done"
    wide.finalize()
    wide.verify()


def test_import_ends_when_nobody_exports(wide):
    """Never begun, killed, failed: it ends and says what to run; what is exported is in by then."""
    begun = time.monotonic()
    never = wide.import_data(expect=7)
    assert time.monotonic() - begun < 60 and "DIR-008" in never.err and "never begun" in never.said, never
    assert f"yb-voyager export data --export-dir {wide.export_dir}" in never.said and "--source-db-name" in never.said
    assert "total=100%" not in never.err, "nothing was done, so there is no per cent of it"
    killed = wide.export_data(env={"YB_VOYAGER_FAULT": "export_data.chunk_done:2"}, expect=None)
    assert killed.code == -signal.SIGKILL
    part = wide.import_data(expect=7)
    assert "has not finished" in part.said and sum(map(wide.target.count, ("big", "small"))) > 0, part
    wide.export_data()
    wide.import_data()
    again = wide.import_data()
    assert "already imported: 40,500 rows" in again.said and "rows 0" in again.said, again
    wide.finalize()
    wide.verify()


@pytest.mark.parametrize("number,code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"])
def test_first_signal_drains_export(wide, number, code):
    with Proxy(wide.source.port, rate=3_000_000) as slow:
        wide.source_port = slow.port
        export = wide.start(*wide.line("export data"))
        wait_until(lambda: largest_file(wide) > 200_000)
        export.kill(number)
        done = export.finish()
    assert done.code == code, done
    assert "export data" in done.err, "it does not say how to resume"
    wide.source_port = 0
    wide.export_data("--yes")
    wide.import_data()
    wide.finalize()
    wide.verify()


def test_first_signal_drains_import(wide):
    wide.export_data()
    with Proxy(wide.target.port, rate=3_000_000) as slow:
        wide.target_port = slow.port
        importing = wide.start(*wide.line("import data"), "--batch-size", "2000")
        wait_until(lambda: wide.target.count("big") > 0)
        importing.kill(signal.SIGINT)
        done = importing.finish()
    assert done.code == 130, done
    assert "import data" in done.err
    for table in ("small", "empty", "big"):
        if f"table=public.{table} state=done" in done.err:
            assert wide.target.count(table) == wide.source.count(table), done
    assert "total=100%" not in done.err
    kept = wide.target.count("big")
    assert 0 < kept < 40000
    wide.target_port = 0
    rest = wide.import_data()
    assert f"already imported: {kept:,} rows" in rest.said or f"already imported: {kept + 500:,} rows" in rest.said, rest
    assert "resumed_at=" in rest.err
    wide.finalize()
    wide.verify()


def test_second_signal_stops_at_once(wide):
    with Proxy(wide.source.port, rate=200_000) as slow:
        wide.source_port = slow.port
        export = wide.start(*wide.line("export data"))
        wait_until(lambda: largest_file(wide) > 50_000)
        export.kill(signal.SIGINT)
        time.sleep(0.3)
        begun = time.monotonic()
        export.kill(signal.SIGINT)
        done = export.finish()
    assert done.code == 130 and time.monotonic() - begun < 20, done   # At most 5 s of grace; a chunk takes 40.
    assert "Ctrl-C came a second time" in done.said, done
    wide.source_port = 0
    wide.export_data("--yes")
    wide.import_data()
    wide.finalize()
    wide.verify()


def test_text_and_binary_and_uncompressed_files(wide):
    """However the rows travel, they arrive."""
    for flags in (["--data-format", "text"], ["--data-format", "binary"], ["--compress", "false"]):
        wide.export_data("--start-clean", "true", "--yes", *flags)
        wide.import_data("--start-clean", "true", "--truncate-tables", "true", "--yes")
        wide.finalize()
        wide.verify()


def test_progress_in_plain_lines(wide):
    text = wide.export_data("--progress", "plain").err
    assert "big" in text and "\x1b[" not in text and "\r" not in text


def test_progress_in_json_lines(wide):
    events = [json.loads(line) for line in wide.export_data("--progress", "json").err.splitlines() if line.startswith("{")]
    own = [event for event in events if event["event"] != "notice"]
    assert (own[0]["event"], own[-1]["event"]) == ("run.start", "run.end")
    assert (own[-1]["state"], own[-1]["rows_done"], own[-1]["tables_done"], own[-1]["percent"]) == ("done", 40500, 3, 100)
    done = {event["table"]: event["rows_done"] for event in own if event["event"] == "table.done"}
    assert done == {"big": 40000, "small": 500, "empty": 0}
    big = [event["rows_done"] for event in own if event.get("table") == "big"]
    assert big == sorted(big)


def test_source_changes_do_not_enter_the_snapshot(wide):
    with Proxy(wide.source.port, rate=3_000_000) as slow:
        wide.source_port = slow.port
        export = wide.start(*wide.line("export data"))
        wait_until(lambda: largest_file(wide) > 200_000)
        wide.source.sql("DELETE FROM small; UPDATE big SET body = 'changed'; INSERT INTO empty VALUES (1);")
        assert export.finish().code == 0
    wide.import_data()
    assert wide.target.value("SELECT count(*) FROM big WHERE body = 'changed'") == "0"
    assert (wide.target.count("big"), wide.target.count("small"), wide.target.count("empty")) == (40000, 500, 0)


def test_an_interrupted_export_of_a_changed_source_asks(wide):
    with Proxy(wide.source.port, rate=3_000_000) as slow:
        wide.source_port = slow.port
        export = wide.start(*wide.line("export data"))
        wait_until(lambda: largest_file(wide) > 1_000_000)
        export.kill()
        export.finish()
    wide.source_port = 0
    wide.source.sql("UPDATE big SET body = 'new' WHERE id % 2 = 0")
    assert "snapshot" in wide.export_data(expect=10).err.lower()
    wide.export_data("--yes")
    wide.import_data()
    wide.finalize()
    assert contents(wide.target)["public.empty"] == contents(wide.source)["public.empty"]
    assert wide.target.count("big") == 40000


def test_skewed_batches_and_many_connections(wide):
    wide.export_data("--parallel-jobs", "6")
    wide.import_data("--parallel-jobs", "5", "--batch-size", "333")
    wide.finalize()
    wide.verify()
