"""Every SQL file of cases/ migrates and is equal afterwards. See cases/README.md."""

import re
import shlex
from pathlib import Path

import pytest

from harness.migration import Migration, assert_same_rows

CASES = sorted((Path(__file__).parent / "cases").glob("*.sql"))


def directives(path: Path) -> dict:
    found = {}
    for line in path.read_text().splitlines():
        match = re.match(r"-- (schemas|before|minimum|setting): (.*)", line)
        if match:
            found.setdefault(match[1], []).append(match[2])
        elif not line.startswith("--"):
            break
    return found


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_case(path, source, target, folder):
    asked = directives(path)
    source.load(path)
    for statement in asked.get("before", []):
        target.sql(statement)
    settings = {line.split(" --", 1)[0]: shlex.split("--" + line.split(" --", 1)[1]) for line in asked.get("setting", [])}
    schemas = asked.get("schemas", ["public"])[0]
    migration = Migration(source, target, folder, schemas=",".join(quote_if_needed(s) for s in schemas.split(",")))

    migration.export_schema(*settings.get("export schema", []))
    migration.import_schema(*settings.get("import schema", []))
    migration.export_data(*settings.get("export data", []))
    migration.import_data(*settings.get("import data", []))
    migration.finalize("--refresh-mviews", "true")

    assert_same_rows(source, target)
    migration.verify()


def quote_if_needed(name: str) -> str:
    name = name.strip().strip('"')
    return name if re.fullmatch(r"[a-z_][a-z0-9_]*", name) else f'"{name}"'
