"""Export directories as earlier versions left them: every version reads them, and brings their rows in."""

import json
import tarfile
from pathlib import Path

import pytest

from harness.migration import Migration

KEPT = sorted((Path(__file__).parents[1] / "fixtures/export_dirs").glob("*.tar.xz"))


@pytest.mark.parametrize("kept", KEPT, ids=lambda path: path.name.split(".")[0])
def test_a_directory_that_is_kept_is_gone_on_with(kept, target, folder):
    """Exported, and an import killed on the way; its database is gone, so all of it goes into a new one."""
    with tarfile.open(kept) as archive:
        archive.extractall(folder)
    migration = Migration(target, target, folder)
    exported = {row["table_name"]: row["exported_count"] for row in migration.status("export")}
    assert exported['"Order"'] == 300 and exported["customer"] == 500 and exported["parted"] == 100, exported
    assert "customer" in migration.command("import", "data", "status", "--export-dir", migration.export_dir).out
    migration.import_schema()
    migration.import_data()
    migration.finalize()
    assert target.rows("SELECT count(*), sum(id), min(name), max(at AT TIME ZONE 'UTC') FROM customer") == [("500", "125250", "name 1", "2024-01-01 00:00:00")]
    assert target.rows('SELECT count(*), sum(amount) FROM "Order"') == [("300", "67725.00")]
    assert target.rows("SELECT b FROM parted WHERE a = 7") == [("tab\t and back\\slash 7",)]
    assert [target.count(table) for table in ("parted_1", "parted_2", "nothing")] == [50, 50, 0]
    assert target.value("""SELECT nextval('"Order_id_seq"')""") == "301"
    assert target.value("SELECT lo_get(oid) FROM pg_largeobject_metadata") == "\\x6c61726765"
    assert target.value("SELECT count(*) FROM pg_indexes WHERE indexname = 'customer_name'") == "1"
    assert target.value("SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated") == "1"
    objects = {one["name"] for one in json.loads((migration.export_dir / "reports/objects.json").read_text())["objects"]}
    assert any("customer" in name for name in objects)
