"""Each change of plants.txt, made on the target alone, is found by `verify`. A line is: name ||| change ||| undo."""

from pathlib import Path

import pytest

from harness.cluster import SqlError
from harness.migration import Migration

FOLDER = Path(__file__).parent / "verify"
PLANTS = [line.split("|||") for line in (FOLDER / "plants.txt").read_text().splitlines() if line and not line.startswith("#")]


@pytest.fixture
def twins(source, target, folder) -> Migration:
    """Two databases with the same content."""
    target.sql("CREATE ROLE bugs_owner")
    for db in (source, target):
        db.load(FOLDER / "base.sql")
    yield Migration(source, target, folder)
    target.sql("REASSIGN OWNED BY bugs_owner TO postgres; DROP OWNED BY bugs_owner; DROP ROLE bugs_owner")


def test_every_planted_change_is_found(twins):
    twins.verify()
    missed = []
    for name, change, undo in PLANTS:
        twins.target.sql(change)
        told = twins.verify("--parallel-jobs", "1", "--output-format", "json", expect=None)
        found = told.json()
        if told.code != 9 or not (found["objects"] or any(not table["equal"] for table in found["tables"])):
            missed.append(name)
        twins.target.sql(undo)
    assert missed == []
    assert len(PLANTS) > 50
    twins.verify()
