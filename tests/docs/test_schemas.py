"""The published schemas: what they are, and that they refuse what is wrong."""

import json

import pytest
from jsonschema import Draft202012Validator

from harness import json_schema
from harness.migration import REPOSITORY

SCHEMAS = sorted(json_schema.FOLDER.glob("*.json"))


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda p: p.stem)
def test_it_is_a_schema_with_a_title_and_a_version(path):
    rules = json.loads(path.read_text())
    Draft202012Validator.check_schema(rules)
    assert rules["$schema"] == "https://json-schema.org/draft/2020-12/schema" and rules["title"]
    text = json.dumps(rules)
    assert any(f'"{name}": {{"const": 1}}' in text for name in ("format_version", "FormatVersion", "v")), "its documents have no version"


def test_every_document_has_its_schema_on_the_page():
    page = (REPOSITORY / "docs/reference/machine-outputs.md").read_text()
    assert {path.stem for path in SCHEMAS} >= set(json_schema.DOCUMENTS.values())
    assert [path.name for path in SCHEMAS if f"(schemas/{path.name})" not in page] == []


def test_what_does_not_fit_is_found():
    row = {"table_name": "t", "status": "DONE", "exported_count": 1, "format_version": 1}
    assert json_schema.errors([row], "export-data-status") == []
    for wrong in ({"status": "FINISHED"}, {"exported_count": -1}, {"exported_count": "1,000"}, {"format_version": 2}, {"extra": 1}):
        assert json_schema.errors([{**row, **wrong}], "export-data-status"), wrong
