"""The published schemas of what machines read, and the documents that they are of."""

import json
from functools import cache
from pathlib import Path

from jsonschema import Draft202012Validator

FOLDER = Path(__file__).resolve().parents[2] / "docs/reference/schemas"

# Files of an export directory. What people wrote there themselves, or an unfinished run left, is none of these.
DOCUMENTS = {
    "reports/schema_analysis_report.json": "analysis-report",
    "reports/schema_optimization_report.json": "optimization-report",
    "reports/performance_comparison_report.json": "performance-report",
    "reports/objects.json": "object-report",
    "reports/export-data-status-report.json": "export-data-status",
    "reports/import-data-status-report.json": "import-data-status",
    "reports/data-migration-report.json": "data-migration-report",
    "reports/value-changes.json": "value-changes",
    "reports/runs/*.json": "run-summary",
    "assessment/reports/migration_assessment_report.json": "assessment-report",
    "metainfo/export_snapshot_status.json": "export-snapshot-status",
    "metainfo/dataFileDescriptor.json": "data-file-descriptor",
}
LARGEST = 2 << 20  # bytes; what takes longer to check has its own test


@cache
def schema(name) -> dict:
    return json.loads((FOLDER / f"{name}.json").read_text())


def errors(value, rules) -> list[str]:
    """What is wrong, with paths; empty when the value fits. `rules` is a schema or the name of a published one."""
    rules = schema(rules) if isinstance(rules, str) else rules
    return [f"{one.json_path}: {one.message}" for one in Draft202012Validator(rules).iter_errors(value)]


def wrong_documents(export_dir: Path) -> dict:
    """File → what is wrong in it, of all that are there."""
    wrong = {}
    for pattern, name in DOCUMENTS.items():
        for path in sorted(Path(export_dir).glob(pattern)):
            if path.stat().st_size > LARGEST:
                continue
            if found := errors(json.loads(path.read_text()), name):
                wrong[str(path.relative_to(export_dir))] = found[:5]
    return wrong
