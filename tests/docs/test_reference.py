"""The documents say what the program does: flags, exit codes, error codes, variables, tables, links."""

import importlib.machinery
import importlib.util
import os
import re
import subprocess

import pytest

from harness.migration import REPOSITORY, binary

DOCS = REPOSITORY / "docs"
SOURCES = [p for p in (REPOSITORY / "src").rglob("*.cc") if not p.name.endswith("_test.cc")]
PAGES = sorted([*DOCS.rglob("*.md"), *REPOSITORY.glob("*.md"), *(REPOSITORY / "bench").glob("*.md"), *(p for p in (REPOSITORY / "tests").rglob("*.md") if "node_modules" not in p.parts)])


def tool():
    loader = importlib.machinery.SourceFileLoader("command_reference", str(REPOSITORY / "tools/command_reference"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


def found_in_sources(pattern):
    return {match for path in SOURCES for match in re.findall(pattern, path.read_text())}


def test_the_page_of_commands_is_what_help_prints():
    reference = tool()
    written = reference.page(str(binary()))
    assert reference.PAGE.read_text() == written, "run tools/command_reference"
    assert len(reference.command_names(str(binary()))) > 10


def test_every_flag_of_every_command_is_on_its_page():
    page = (DOCS / "reference/commands.md").read_text()
    reference = tool()
    for name in reference.command_names(str(binary())):
        if name == "help":
            continue
        section = page.split(f"\n## {name}\n")[1].split("\n## ")[0]
        for flag in re.findall(r"--[a-z][a-z-]+", reference.help_of(str(binary()), *name.split())):
            assert flag in section, f"{name}: {flag}"


def test_every_exit_code_is_documented():
    numbers = set(re.findall(r"^  k\w+ = (\d+),", (REPOSITORY / "src/base/error.h").read_text(), re.MULTILINE))
    page = (DOCS / "reference/exit-codes.md").read_text()
    documented = {cell.strip() for row in re.findall(r"^\| ([0-9 /]+) \|", page, re.MULTILINE) for cell in row.split("/")}
    assert numbers and numbers == documented


def test_what_documents_call_can_be_run():
    scripts = [p for folder in ("scripts", "tools", ".ci") for p in sorted((REPOSITORY / folder).iterdir())
               if p.is_file() and p.read_bytes().startswith(b"#!")]
    assert len(scripts) > 5 and [str(p) for p in scripts if not os.access(p, os.X_OK)] == []


def test_the_codes_of_errors_are_those_that_explain_knows():
    reference = tool()
    assert reference.CODES_PAGE.read_text() == reference.error_codes(str(binary())), "run tools/command_reference"


def test_every_error_code_is_documented():
    """In the catalogue of `explain`, which the page is made from, stands what something raises, and all of it."""
    codes = {code for path in SOURCES if path.name != "error_catalogue.cc" for code in re.findall(r'"([A-Z]{3}-\d{3})"', path.read_text())}
    page = (DOCS / "reference/exit-codes.md").read_text()
    assert codes and {code for code in codes if code not in page} == set()
    assert set(re.findall(r"[A-Z]{3}-\d{3}", page)) - codes == set(), "documented, but not in the program"


def test_every_variable_is_documented():
    names = found_in_sources(r'(?:getenv|env_number|number_from_environment|environment)\("([A-Z_]+)"')
    names |= found_in_sources(r'\.environment = "([A-Z_]+)"')
    page = (DOCS / "reference/environment.md").read_text()
    assert len(names) > 8 and {name for name in names - {"PATH"} if f"`{name}`" not in page} == set()


def test_every_table_and_column_of_the_state_is_documented():
    text = (REPOSITORY / "src/format/meta_db.cc").read_text()
    page = (DOCS / "formats/meta-db.md").read_text()
    tables = re.findall(r"CREATE TABLE (\w+)", text)
    assert len(tables) > 8 and [name for name in tables if f"`{name}`" not in page] == []
    version = re.search(r"kVersion = (\d+);", text).group(1)
    assert f"now **{version}**" in page


@pytest.mark.parametrize("path", ["src/format/assessment_db.sql", "src/migration/assess/sizing_figures.sql"])
def test_every_table_and_column_of_the_assessment_is_documented(path):
    text = re.sub(r"--[^\n]*", "", (REPOSITORY / path).read_text())
    page = (DOCS / "formats/assessment.md").read_text()
    tables = re.findall(r"CREATE TABLE (\w+) \((.*?)\)(?: WITHOUT ROWID)?;", text, re.DOTALL)
    columns = {name for _, body in tables for name in re.findall(r"(\w+) (?:TEXT|INTEGER|REAL)\b", body)}
    assert len(tables) > 8 and len(columns) > 15
    assert [name for name in {table for table, _ in tables} | columns if f"`{name}`" not in page] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_links_lead_somewhere(page):
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (page.parent / target).exists(), target


def test_commands_shown_in_documents_exist():
    """Every `yb-voyager …` line in a shell block parses: known words, known flags."""
    known = set(tool().command_names(str(binary()))) | {"help", "debug fault-points"}
    flags = {}
    for page in PAGES:
        for block in re.findall(r"```(?:sh|bash|console)\n(.*?)```", page.read_text(), re.DOTALL):
            for line in block.replace("\\\n", " ").splitlines():
                match = re.match(r"\s*(?:\$ )?yb-voyager ([a-z][a-z -]*?)(?=\s+(?:-|[^a-z\s])|\s*$)", line.split("  #")[0])
                if not match or match.group(1).split()[0] == "help":
                    continue
                command = match.group(1).strip()
                assert command in known, f"{page.name}: {line}"
                if command not in flags:
                    flags[command] = subprocess.run([binary(), *command.split(), "--help"], capture_output=True, text=True).stdout
                for flag in re.findall(r"(?<=\s)--[a-z][a-z-]+", line):
                    assert flag in flags[command], f"{page.name}: {flag} in {line}"
