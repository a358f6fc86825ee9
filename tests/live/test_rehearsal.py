"""Before a cutover, while changes flow: are both sides equal, and could the cutover go ahead?"""

import signal
import threading
import time

import pytest

from harness import json_schema
from harness.application import Application, wait_for
from live.test_way_back import Live, live, servers, work  # noqa: F401


class Watched(Live):
    """As Live, with the comparison and the rehearsal."""

    def begin(self, *extra, **options):
        super().begin(*extra, **options)
        wait_for(lambda: "Applying changes" in self.importing.err_so_far(), "the snapshot is imported")
        return self

    def compare(self, *extra, **options):
        return self.command("verify", "--export-dir", self.export_dir, *self.source_flags(), *self.target_flags(),
                            "--output-format", "json", *extra, **options)

    def rehearse(self, side="target", *extra, **options):
        fall_back = ["--prepare-for-fall-back", "true"] if side == "target" else []
        return self.command("initiate", "cutover", "to", side, "--export-dir", self.export_dir, *fall_back, "--dry-run", "true", *extra, **options)


@pytest.fixture
def watched(live):  # noqa: F811
    live.__class__ = Watched
    return live


def tables_of(result):
    return {one["table"]: one for one in result.json()["tables"]}


def assert_equal_or_log_moves(result):
    """Of equal rows of a table without a key only the number can be told, and that never stands still here."""
    for name, one in tables_of(result).items():
        assert one["equal"] or (name == "public.log" and one["moving"] > 0 and not one["keys"]), result
    assert result.code == {"equal": 0, "moving": 9}[result.json()["verdict"]], result


def test_both_sides_are_compared_while_changes_flow(watched):
    watched.begin()
    refused = watched.cutover("target", "--prepare-for-fall-back", "true", "--require-verified", "true", expect=6)
    assert "CUT-008" in refused.err and "yb-voyager verify" in refused.said
    application = Application(watched.source, 61)
    wait_for(lambda: application.done > 100, "the application works on the source")
    under_load = watched.compare(expect=None)
    assert application.is_alive(), "it was compared under load"
    assert_equal_or_log_moves(under_load)
    assert "source's log" in under_load.json()["equal_up_to"], under_load
    assert set(tables_of(under_load)) == {"public.customer", "public.orders", "public.log", "public.part"}
    assert watched.compare("--table-list", "customer,orders,part").json()["verdict"] == "equal"
    # A row (of those that the application leaves alone) that somebody has altered on the target is found, and not taken for one on its way.
    before = application.done
    watched.target.sql("UPDATE orders SET note = 'altered by hand' WHERE id = 8973")
    wrong = watched.compare(expect=9)
    assert application.done > before
    assert wrong.json()["verdict"] == "different"
    assert [key["key"] for key in tables_of(wrong)["public.orders"]["keys"]] == ["id=8973"], wrong
    assert tables_of(wrong)["public.customer"]["equal"]
    refused = watched.cutover("target", "--prepare-for-fall-back", "true", "--require-verified", "true", expect=6)
    assert "did not find both sides equal" in refused.said
    application.finish()
    row = watched.source.value("SELECT coalesce('''' || note || '''', 'NULL') FROM orders WHERE id = 8973")
    watched.target.sql(f"UPDATE orders SET note = {row} WHERE id = 8973")
    # Of some tables it says nothing about the rest.
    watched.compare("--table-list", "orders")
    watched.cutover("target", "--prepare-for-fall-back", "true", "--require-verified", "true", expect=6)
    assert watched.compare().json()["verdict"] == "equal"
    watched.cutover("target", "--prepare-for-fall-back", "true", "--require-verified", "true")
    watched.wait_completed("target")
    # The way back, whose changes flow from the target.
    assert "CUT-008" in watched.cutover("source", "--require-verified", "true", expect=6).err
    application = Application(watched.target, 62)
    wait_for(lambda: application.done > 60, "the application works on the target")
    assert_equal_or_log_moves(watched.compare(expect=None))
    application.finish()
    back = watched.compare()
    assert back.json()["verdict"] == "equal" and "target's log" in back.json()["equal_up_to"]
    watched.cutover("source", "--require-verified", "true")
    for one in (watched.export, watched.importing):
        assert one.finish().code == 0
    assert watched.compare().json()["equal_up_to"] == ""


def test_a_row_that_never_stands_still_is_told_as_such(watched):
    watched.begin()
    hammering = threading.Thread(target=lambda: watched.source.sql("""DO $$ BEGIN
        WHILE NOT EXISTS (SELECT FROM pg_class WHERE relname = 'enough') LOOP
            UPDATE part SET v = md5(random()::text) WHERE id = 7; COMMIT; PERFORM pg_sleep(0.002);
        END LOOP; END $$"""), daemon=True)
    hammering.start()
    try:
        moving = watched.compare(expect=9)
        assert hammering.is_alive() and moving.json()["verdict"] == "moving", moving
        assert tables_of(moving)["public.part"]["moving"] == 1 and not tables_of(moving)["public.part"]["keys"]
        assert all(one["equal"] for name, one in tables_of(moving).items() if name != "public.part")
        assert "CUT-008" in watched.cutover("target", "--require-verified", "true", "--prepare-for-fall-back", "true", expect=6).err
    finally:
        watched.source.sql("CREATE TABLE enough ()")
        hammering.join()


def test_while_the_snapshot_is_imported_nothing_is_compared(watched):
    """What it has still to bring is no difference, and the rehearsal says that the cutover has to wait."""
    watched.export_schema()
    watched.import_schema()
    watched.export = watched.start(*watched.line("export data"), "--export-type", "snapshot-and-changes", "--yes")
    died = watched.start(*watched.line("import data"), env={"YB_VOYAGER_FAULT": "import_data.before_sequences"}).finish()
    assert died.code == -signal.SIGKILL, died
    wait_for(lambda: "Streaming changes" in watched.export.err_so_far(), "the changes are streamed")
    refused = watched.compare(expect=7)
    assert "CUT-006" in refused.err and "the snapshot is not imported yet" in refused.said, refused
    assert "not ok  the snapshot is imported" in watched.rehearse("target", expect=6).out
    watched.importing = watched.start(*watched.line("import data"))
    wait_for(lambda: "Applying changes" in watched.importing.err_so_far(), "the snapshot is imported")
    assert watched.compare().json()["verdict"] == "equal"



def test_the_rehearsal_says_what_is_not_ready(watched):
    watched.begin()
    state = (watched.export_dir / "metainfo/meta.db")
    ready = watched.rehearse("target", "--output-format", "json")
    answer = ready.json()
    assert json_schema.errors(answer, "cutover-rehearsal") == []
    assert answer["ready"] and answer["estimated_s"] < 60 and answer["cutover_to"] == "target", answer
    assert watched.cutover_status() == {"target": "NOT_INITIATED"} and state.exists()
    status = watched.command("cutover", "status", "--export-dir", watched.export_dir, "--output-format", "json").json()
    assert json_schema.errors(status, "cutover-status") == []
    assert status["iterations"] == [{"iteration": 0, "cutovers": [{"to": "target", "status": "NOT_INITIATED", "requested_at": None, "not_running": []}]}]
    assert not (watched.export_dir / "schema/way-back").exists()
    what = {check["what"] for check in answer["checks"]}
    assert {"export data is running", "import data is running", "the target can be captured behind the cutover"} <= what
    # Nobody applies; a transaction is open; a table is not captured.
    watched.importing.kill()
    watched.importing.finish()
    compared = watched.compare(expect=7)
    assert "import data is not running" in compared.said and "yb-voyager import data --export-dir" in compared.said
    watched.source.sql("UPDATE orders SET amount = 1 WHERE id < 100")
    watched.source.sql("CREATE TABLE born_later (id int PRIMARY KEY)")
    wait_for(lambda: "born_later" in watched.export.err_so_far(), "the new table is told")
    name = "open_" + watched.source.name
    watched.source.sql(f"BEGIN; INSERT INTO log VALUES (now(), 'prepared'); PREPARE TRANSACTION '{name}'")
    try:
        refused = watched.rehearse("target", "--require-verified", "true", expect=6)
        for text in ("not ok  import data is running: it is not", "yb-voyager import data --export-dir", "born_later",
                     f"the prepared transaction {name} is open", "99 wait", "not ready for the cutover to the target",
                     "no comparison was made"):
            assert text in refused.out, (text, refused)
    finally:
        watched.source.sql(f"ROLLBACK PREPARED '{name}'")
    assert watched.cutover_status() == {"target": "NOT_INITIATED"}
    watched.importing = watched.start(*watched.line("import data"))
    watched.cutover("target")
    watched.wait_completed("target")
    again = watched.rehearse("source", "--restart-data-migration-source-target", "true")
    assert "the source can be captured behind the cutover" in again.out and "ready for the cutover to the source" in again.out
    assert watched.cutover_status()["source"] == "NOT_INITIATED"
    assert not (watched.export_dir / "live-data-migration-iterations").exists()


@pytest.mark.long
def test_the_demonstration_runs():
    import subprocess
    import sys
    from harness.migration import REPOSITORY
    begun = time.monotonic()
    done = subprocess.run([sys.executable, REPOSITORY / "tools/demo_live.py"], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-4000:]
    assert time.monotonic() - begun < 120
    for text in ("equal as of", "ready for the cutover to the target", "The target has taken over", "The source has taken over", "Migration ended"):
        assert text in done.stderr + done.stdout, text
