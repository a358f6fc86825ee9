"""Opens the report pages in Chromium: values that the unit tests write as pages, and a page of the real program.

Without the browser, node or the packages of package-lock.json the cases are skipped and say so, unless VOY_BROWSER=required is set: then they fail.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from harness import json_schema
from harness.migration import REPOSITORY, Migration, binary

HERE = Path(__file__).resolve().parent
PAGES = {
    "analysis": "analysis",
    "assessment": "assessment",
    "optimization": "optimization",
    "performance": "performance",
    "wordy": "plain",
    "empty-analysis": "plain",
    "empty-assessment": "plain",
    "empty-optimization": "plain",
    "empty-performance": "plain",
    "many": "many",
    "grouped": "grouped",
    "tables": "plain",
}
LARGEST_PAGE = 1_000_000  # Bytes, of a source with 50,000 tables.

HOSTILE = """
    CREATE TABLE "<script>alert(1)</script>" (a xml, b int PRIMARY KEY DEFERRABLE);
    CREATE TABLE part (id int, note text DEFAULT '</script></pre><img src=x onerror=alert(2)>') PARTITION BY LIST (id);
    CREATE TABLE child (extra text) INHERITS ("<script>alert(1)</script>");
    CREATE TABLE shapes (at point, spot box, id int UNIQUE DEFERRABLE);
    CREATE INDEX by_point ON shapes USING gist (at);
    CREATE VIEW checked AS SELECT id FROM shapes WITH CHECK OPTION;
"""


def missing() -> str:
    """What is not here; empty when all is."""
    if not shutil.which("node"):
        return "node is not installed"
    if not browser():
        return "no Chromium is installed"
    if not (HERE / "node_modules/playwright-core").is_dir() or not (HERE / "node_modules/axe-core").is_dir():
        return "the packages are not there: npm ci in tests/browser"
    return ""


def browser() -> str:
    found = [shutil.which(name) for name in (os.environ.get("VOY_CHROMIUM", "chromium"), "chromium-browser", "google-chrome")]
    return next((path for path in found if path), "")


class Browser:
    """One for all pages."""

    def __init__(self):
        self.process = subprocess.Popen(["node", HERE / "check_pages.js", browser()], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def check(self, page: Path, kind: str) -> tuple[bool, str]:
        """Whether all checks of the kind passed, and a line for each."""
        print(kind, page, file=self.process.stdin, flush=True)
        told = []
        for line in self.process.stdout:
            if line in ("passed\n", "failed\n"):
                print(*told, sep="")
                return line == "passed\n", "".join(told)
            told.append(line)
        raise AssertionError(f"the browser has ended: {''.join(told)}")


@pytest.fixture(scope="session")
def chromium():
    lacking = missing()
    if lacking and os.environ.get("VOY_BROWSER") == "required":
        pytest.fail(f"{lacking}: run scripts/setup")
    if lacking:
        pytest.skip(f"{lacking}: run scripts/setup")
    one = Browser()
    with one.process:   # Its input is closed in the end.
        yield one


@pytest.fixture(scope="session")
def pages(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    program = binary().parent / "report_test"
    assert program.is_file(), f"{program} is not built: it writes the pages"
    done = subprocess.run([program, "--gtest_filter=Pages.AreWrittenForTheBrowser"], env={**os.environ, "VOY_PAGES_DIR": str(folder)},
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
    return folder


@pytest.mark.parametrize("page", PAGES)
def test_page(page, pages, chromium):
    passed, told = chromium.check(pages / f"{page}.html", PAGES[page])
    assert passed, told
    assert told.count("ok ") >= 3


def test_every_check_can_fail(chromium):
    """A check that is content with a page of faults would be content with anything."""
    passed, told = chromium.check(HERE / "canary.html", "assessment")
    assert not passed
    assert [line for line in told.splitlines() if line.startswith("ok ")] == []
    assert "color-contrast" in told


def test_noise_is_noticed(chromium):
    passed, told = chromium.check(HERE / "canary_noise.html", "quiet")
    assert not passed
    for word in ("network: https://example.org/x.png", "console: a message", "script: a fault", "dialog: 1"):
        assert word in told


def test_pages_of_the_real_program(migration: Migration, chromium, request):
    """Each command's page, of a source whose names and defaults would run if they were not escaped. With --long all checks run."""
    migration.source.sql(HOSTILE)
    folder = ["--export-dir", migration.export_dir]
    version = ["--target-db-version", "2025.2.3.0"]
    migration.command("assess-migration", *folder, *migration.source_flags(), "--iops-capture-interval", 0, "--primary-only", *version, "--yes")
    migration.export_schema("--target-db-type", "yugabytedb")
    migration.command("analyze-schema", *folder, *version)
    for file, kind in (
        ("assessment/reports/migration_assessment_report.html", "real_issues"),
        ("reports/schema_optimization_report.html", "real"),
        ("reports/schema_analysis_report.html", "real_issues"),
    ):
        if request.config.getoption("--long"):
            kind = "plain" if kind == "real" else "real_whole"
        passed, told = chromium.check(migration.export_dir / file, kind)
        assert passed, f"{file}\n{told}"


def test_real_assessment_is_what_its_published_schema_says(migration: Migration):
    migration.source.sql(HOSTILE)
    for version in (["--target-db-version", "2025.2.3.0"], ["--target-db-type", "postgresql"]):
        migration.command("assess-migration", "--export-dir", migration.export_dir, *migration.source_flags(), "--iops-capture-interval", 0,
                          "--primary-only", "--start-clean", "true", *version, "--yes")
        value = json.loads((migration.export_dir / "assessment/reports/migration_assessment_report.json").read_text())
        schema = json_schema.schema("assessment-report")
        assert json_schema.errors(value, schema) == []
        assert value["AssessmentIssues"]


def test_page_of_a_large_source_stays_small(pages):
    assert (pages / "tables.html").stat().st_size < LARGEST_PAGE


def test_assessment_json_is_what_its_published_schema_says(pages):
    schema = json_schema.schema("assessment-report")
    for name in ("assessment.json", "empty-assessment.json"):
        value = json.loads((pages / name).read_text())
        if name.startswith("empty"):
            assert value["AssessmentIssues"] is None and value["TableIndexStats"] is None
            value["MigrationComplexity"] = "LOW"
        assert json_schema.errors(value, schema) == [], name
    value["Grade"] = "D9"
    assert json_schema.errors(value, schema), "the check itself works"


def test_filter_without_a_browser():
    if not shutil.which("node"):
        pytest.skip("node is not installed: run scripts/setup")
    tests = sorted((REPOSITORY / "src/report/page").glob("*.test.js"))
    assert tests
    done = subprocess.run(["node", "--test", *tests], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
