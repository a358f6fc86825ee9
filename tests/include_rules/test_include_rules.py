"""Rules that the compiler does not check: which folder may include which, SQL only in connectors, time and threads only in base."""

import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src"

# folder: what it may include besides itself. `connectors/*` are products; only cli sees them.
ARROWS = {
    "base": set(),
    "model": {"base"},
    "sql": {"model", "base"},
    "format": {"model", "base"},
    "analysis": {"sql", "model", "base"},
    "connector": {"model", "base"},
    "connectors/postgresql": {"connector", "sql", "model", "base"},
    "connectors/yugabytedb": {"connectors/postgresql", "connector", "sql", "model", "base"},
    "connectors/fake": {"connector", "sql", "model", "base"},
    "migration": {"connector", "analysis", "sql", "format", "model", "base"},
    "report": {"model", "base"},
    "web": {"model", "base"},
    "cli": {"connectors/postgresql", "connectors/yugabytedb", "connectors/fake", "connector", "migration", "analysis", "sql", "format", "report",
            "web", "model", "base"},
    "main": {"cli", "base"},
}
# A flow's own tests run on the product that exists for tests.
TEST_ARROWS = {"migration": {"connectors/fake"}}

FILES = sorted(p for p in SOURCE.rglob("*") if p.suffix in (".h", ".cc"))


def name(path: Path) -> str:
    return str(path.relative_to(SOURCE))


def folder(path: str) -> str:
    """The rule's name of a file's folder: "migration/schema/x.cc" is "migration"."""
    parts = Path(path).parts
    if len(parts) == 1:
        return "main"
    return "/".join(parts[:2]) if parts[0] == "connectors" else parts[0]


def own_includes(path: Path) -> list[str]:
    found = re.findall(r'^\s*#\s*include\s+"([^"]+)"', path.read_text(), re.M)
    return [f for f in found if (SOURCE / f).exists()]


def test_every_folder_has_a_rule():
    assert {folder(name(p)) for p in FILES} <= set(ARROWS)


@pytest.mark.parametrize("rule", sorted(ARROWS))
def test_arrows(rule):
    wrong = []
    for path in FILES:
        if folder(name(path)) != rule:
            continue
        allowed = ARROWS[rule] | {rule} | (TEST_ARROWS.get(rule, set()) if path.stem.endswith("_test") else set())
        wrong += [f"{name(path)} includes {other}" for other in own_includes(path) if folder(other) not in allowed]
    assert wrong == []


def test_includes_name_files_that_exist():
    """An include in quotes is one of ours, written from src/; queries.h is made from a connector's sql files, embedded.h from a page's."""
    wrong = [f"{name(p)}: {i}" for p in FILES for i in re.findall(r'^\s*#\s*include\s+"([^"]+)"', p.read_text(), re.M)
             if not (SOURCE / i).exists() and not i.endswith(("/queries.h", "/embedded.h"))]
    assert wrong == []


def test_headers_say_pragma_once():
    assert [name(p) for p in FILES if p.suffix == ".h" and "#pragma once" not in p.read_text()] == []


# SQL text. Words that begin a statement, in the upper case in which we write SQL, followed by what makes it one.
STATEMENT = re.compile(r"""^\s*(SELECT\s+\S.*|INSERT\s+INTO\b|UPDATE\s+\S+\s+SET\b|DELETE\s+FROM\b|TRUNCATE\s+\S|COPY\s+\S+|GRANT\s+\S|SET\s+\w+\s*(=|TO)
    |(CREATE|ALTER|DROP)\s+(TABLE|INDEX|SCHEMA|SEQUENCE|VIEW|MATERIALIZED|UNIQUE|FUNCTION|TYPE|ROLE|USER|DATABASE|CONSTRAINT)\b)""", re.X)
NO_SQL_FOLDERS = ("migration", "cli", "report", "web")
# File and beginning of the literal: what looks like SQL and is none, or belongs to the person who reads it.
ALLOWED = [line.split("\t") for line in (Path(__file__).parent / "sql_allowed.txt").read_text().splitlines() if line and not line.startswith("#")]


def literals(text: str) -> list[str]:
    text = re.sub(r"//[^\n]*", "", text)
    raw = re.findall(r'R"(\w*)\((.*?)\)\1"', text, re.S)
    text = re.sub(r'R"(\w*)\((.*?)\)\1"', "", text, flags=re.S)
    return [body for _, body in raw] + re.findall(r'"((?:[^"\\\n]|\\.)*)"', text)


def test_sql_only_in_connectors():
    wrong = []
    for path in FILES:
        if folder(name(path)) not in NO_SQL_FOLDERS or path.stem.endswith(("_test", "_testing")):
            continue
        for literal in literals(path.read_text()):
            if STATEMENT.match(literal) and not any(name(path) == file and literal.startswith(start) for file, start in ALLOWED):
                wrong.append(f"{name(path)}: {literal[:80]}")
    assert wrong == []


@pytest.mark.parametrize("text,is_sql", [("SELECT 1", True), ("CREATE TABLE x", True), ("Select a table", False), ("SET ROLE = x", True),
                                         ("CREATE", False), ("TRUNCATE t", True), ("COPY t FROM STDIN", True)])
def test_the_heuristic(text, is_sql):
    assert bool(STATEMENT.match(text)) == is_sql


# Products and sleeping.

def test_flows_name_no_product():
    """A flow asks what a server can do, never which product it is. Names in comments and `postgresql` as the default word for
    user files are no decision."""
    wrong = []
    for path in FILES:
        if folder(name(path)) == "migration" and not path.stem.endswith(("_test", "_testing")):
            for literal in literals(path.read_text()):
                if re.fullmatch(r"(yugabytedb|mysql|oracle|fake)", literal):
                    wrong.append(f"{name(path)}: {literal}")
    assert wrong == []


ONLY_IN_BASE = re.compile(r"\bstd::j?thread\b(?!::)|this_thread::sleep|system_clock::now|\bstd::async\b|\.detach\(\)|\bstd::rand\b|\busleep\(")
# Each with its reason.
OUTSIDE_BASE = {
    ("report/painter.cc", "std::thread"): "one thread that draws until it is told to stop; a base::Group would drain the run when drawing fails",
}


def test_threads_and_clocks_only_in_base():
    wrong = []
    for path in FILES:
        if folder(name(path)) == "base" or path.stem.endswith(("_test", "_testing")):
            continue
        for number, line in enumerate(re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S).splitlines(), 1):
            found = ONLY_IN_BASE.search(line.split("//")[0])
            if found and (name(path), found[0]) not in OUTSIDE_BASE:
                wrong.append(f"{name(path)}:{number}: {line.strip()}")
    assert wrong == []


def test_nothing_but_main_leaves_the_program():
    wrong = [name(p) for p in FILES if name(p) != "main.cc" and folder(name(p)) != "base"
             and re.search(r"(?<![\w.>:])(std::)?_?exit\(", re.sub(r"//[^\n]*", "", p.read_text()))]
    assert wrong == []
