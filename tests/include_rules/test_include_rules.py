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
    "connectors/mysql": {"connector", "sql", "model", "base"},
    "connectors/fake": {"connector", "sql", "model", "base"},
    "migration": {"connector", "analysis", "sql", "format", "model", "base"},
    "report": {"model", "base"},
    "web": {"model", "base"},
    "cli": {"connectors/postgresql", "connectors/yugabytedb", "connectors/mysql", "connectors/fake", "connector", "migration", "analysis", "sql", "format", "report",
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


# Standard headers. What a compiler's own headers happen to bring along differs from version to version, so a file names what it uses,
# itself or through our own headers.
STANDARD = {
    "algorithm": r"ranges::(?!begin|end|size|subrange|views)\w+|sort|stable_sort|find(_if)?|min|max|clamp|count(_if)?|any_of|all_of|none_of|transform|"
                 r"lower_bound|upper_bound|unique|reverse|equal|rotate|fill",
    "array": "array|to_array", "atomic": r"atomic\w*", "bit": r"count[lr]_\w+|popcount|bit_\w+|has_single_bit|endian",
    "cctype": "is(alnum|digit|space|alpha|upper|lower|xdigit|print)|tolower|toupper", "charconv": "from_chars|to_chars", "chrono": "chrono::",
    "cmath": "floor|ceil|l?l?round|log2?|log10|exp|pow|sqrt|isnan|isinf|isfinite|trunc|fabs", "concepts": "same_as|integral|convertible_to|invocable",
    "condition_variable": r"condition_variable\w*", "cstdint": r"u?int(_fast|_least)?(8|16|32|64)_t|u?intptr_t|u?intmax_t",
    "cstdio": r"FILE|f(open|close|write|read|flush|puts|printf)|s?n?printf|rename|remove|perror", "cstdlib": r"getenv|strto\w+|abs|malloc|free|system",
    "cstring": r"mem(cpy|chr|cmp|set|move)|str(len|error|chr|n?cmp)", "ctime": "time_t|tm|gmtime|strftime", "deque": "deque",
    "exception": "exception|exception_ptr|current_exception|rethrow_exception|terminate", "filesystem": "filesystem", "fstream": r"[io]?fstream",
    "functional": "function|reference_wrapper|ref|cref|hash|less|greater", "iostream": "cout|cerr|cin|clog", "limits": "numeric_limits", "list": "list",
    "map": "map|multimap", "memory": "unique_ptr|shared_ptr|weak_ptr|make_unique|make_shared", "mutex": r"mutex|lock_guard|unique_lock|scoped_lock|call_once",
    "numeric": "accumulate|iota|reduce|gcd", "optional": "optional|nullopt", "queue": "queue|priority_queue", "random": r"mt19937\w*|uniform_\w+|random_device",
    "regex": r"regex\w*|smatch|cmatch", "set": "set|multiset", "source_location": "source_location", "span": "span", "sstream": r"[io]?stringstream",
    "stdexcept": "runtime_error|logic_error|out_of_range|invalid_argument", "stop_token": r"stop_(token|source|callback)",
    "string": "string|to_string|getline|stoi", "string_view": "string_view", "system_error": "error_code|system_error|errc|generic_category",
    "thread": "j?thread|this_thread", "tuple": "tuple|tie|make_tuple", "unordered_map": "unordered_map", "unordered_set": "unordered_set",
    "variant": r"variant|visit|get_if|holds_alternative|monostate", "vector": "vector",
}
STANDARD = {header: re.compile(rf"(?<![\w:])std::(?:{names})(?!\w)") for header, names in STANDARD.items()}
# Interfaces of the header on the left are written in terms of those on the right.
BROUGHT_BY = {"filesystem": {"chrono", "string", "string_view", "system_error"}, "charconv": {"system_error"}, "fstream": {"string"},
              "sstream": {"string"}, "iostream": {"string"}, "string": {"string_view"}, "system_error": {"string"}, "condition_variable": {"mutex", "chrono"},
              "thread": {"chrono", "stop_token"}, "regex": {"string"}, "simdjson.h": {"string_view"}}


def code_of(text: str) -> str:
    text = re.sub(r'R"(\w*)\((.*?)\)\1"', '""', text, flags=re.S)
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    return re.sub(r'"(?:[^"\\\n]|\\.)*"', '""', re.sub(r"//[^\n]*", "", text))


def test_files_include_the_standard_headers_of_what_they_use():
    direct = {name(p): set(re.findall(r"^\s*#\s*include\s+<([^>]+)>", p.read_text(), re.M)) for p in FILES}
    ours = {name(p): own_includes(p) for p in FILES}

    def reached(file: str) -> set[str]:
        seen, todo, found = set(), [file], set()
        while todo:
            if (one := todo.pop()) in seen:
                continue
            seen.add(one)
            found |= direct[one]
            todo += ours[one]
        return found | {h for one in found for h in BROUGHT_BY.get(one, ())}

    wrong = []
    for path in FILES:
        code, have = code_of(path.read_text()), reached(name(path))
        wrong += [f"{name(path)}: <{header}> for {use[0]}" for header, uses in STANDARD.items()
                  if header not in have and (use := uses.search(code))]
    assert wrong == []


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

PRODUCT = re.compile(r"yugabyte|postgres|\bpg_|mysql|mariadb|oracle|\bfake\b|\bora2pg", re.I)
SQLSTATE = re.compile(r"(?=[A-Z]*[0-9])[0-9A-Z]{5}")
# File and beginning of the literal, where it names a product and decides nothing by it.
PRODUCT_ALLOWED = [line.split("\t") for line in (Path(__file__).parent / "product_allowed.txt").read_text().splitlines()
                   if line and not line.startswith("#")]


def names_a_product(literal: str) -> bool:
    return bool(PRODUCT.search(literal) or SQLSTATE.fullmatch(literal))


def test_flows_name_no_product():
    """A flow asks what a server can do and what a fault means, never which product it is or which SQLSTATE it sent."""
    wrong, used = [], set()
    for path in FILES:
        if folder(name(path)) != "migration" or path.stem.endswith(("_test", "_testing")):
            continue
        for literal in literals(re.sub(r"^\s*#include.*$", "", path.read_text(), flags=re.M)):
            if not names_a_product(literal):
                continue
            allowed = [one for one in map(tuple, PRODUCT_ALLOWED) if name(path) == one[0] and literal.startswith(one[1])]
            used.update(allowed)
            if not allowed:
                wrong.append(f"{name(path)}: {literal[:80]}")
    assert wrong == []
    assert set(map(tuple, PRODUCT_ALLOWED)) - used == set(), "no longer needed"


@pytest.mark.parametrize("text,names", [("42P01", True), ("40001", True), ("written for YugabyteDB", True), ("pg_dump failed", True), ("TABLE", False),
                                        ("IMP-003", False), ("mysql", True), ("a table", False)])
def test_what_names_a_product(text, names):
    assert names_a_product(text) == names


# The form in which a product's own program writes a schema, in comments too: a flow is given typed objects.
DUMP = re.compile(r"pg_dump|TOC entry|; Type: ")


def test_flows_know_no_dump():
    wrong = [f"{name(p)}: {found[0]}" for p in FILES if folder(name(p)) == "migration" and (found := DUMP.search(p.read_text()))]
    assert wrong == []


ONLY_IN_BASE = re.compile(r"\bstd::\w*mutex\b|\bstd::(lock_guard|unique_lock|scoped_lock|shared_lock)\b|\bstd::j?thread\b(?!::)|this_thread::sleep|system_clock::now|\bstd::async\b|\.detach\(\)|\bstd::rand\b|\busleep\(")
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


# What the environment says is read once, in `run.cc`, and reaches flows as settings. The others read what another program defines.
# The address of /metrics is the machine's, not a command's: it has no flag and no place in a configuration.
READS_ENVIRONMENT = {"cli/run.cc", "cli/connections.cc", "cli/metrics.cc", "report/terminal.cc", "connectors/postgresql/connection.cc"}


def test_settings_do_not_go_through_the_environment():
    wrong = [name(p) for p in FILES if folder(name(p)) != "base" and name(p) not in READS_ENVIRONMENT and not p.stem.endswith(("_test", "_testing"))
             and re.search(r"\b(get|set|put)env\(", re.sub(r"//[^\n]*", "", p.read_text()))]
    assert wrong == []


def test_nothing_but_main_leaves_the_program():
    wrong = [name(p) for p in FILES if name(p) != "main.cc" and folder(name(p)) != "base"
             and re.search(r"(?<![\w.>:])(std::)?_?exit\(", re.sub(r"//[^\n]*", "", p.read_text()))]
    assert wrong == []


# What a product has to be able to do, and what is kept of a migration. A class there is an interface when it has methods without a body; what it
# takes over from other interfaces is theirs.
METHODS_MAX = 6


def interfaces(text: str) -> dict[str, list[str]]:
    """Methods by interface, each up to its end."""
    found = {}
    for match in re.finditer(r"^class (\w+)[^;{]*\{\n(.*?)^\};", re.sub(r"//[^\n]*", "", text), re.M | re.S):
        methods = re.findall(r"^  virtual (?!~)(.*?)(?:;|\}$)", match[2], re.M | re.S)
        if methods:
            found[match[1]] = methods
    return found


def test_interfaces_are_small_and_promise_nothing_by_default():
    wrong = []
    for path in FILES:
        if folder(name(path)) != "connector" and not path.name.endswith(("ledger.h", "ledgers.h")):
            continue
        for interface, methods in interfaces(path.read_text()).items():
            if len(methods) > METHODS_MAX:
                wrong.append(f"{name(path)}: {interface} has {len(methods)} methods")
            wrong += [f"{name(path)}: {interface}: {' '.join(m.split())} has a body" for m in methods if not m.endswith("= 0")]
    assert wrong == []


def test_what_an_interface_is():
    text = """
class Small : public Other {
 public:
  virtual ~Small() = default;
  /// virtual int not_one() = 0;
  virtual int first(const std::string& a,
                    int b) = 0;
  virtual void second(int) {}
  virtual int third() { return 3; }
};

class Value {
  int x = 0;
};
"""
    assert [[m.split("(")[0] for m in methods] for methods in interfaces(text).values()] == [["int first", "void second", "int third"]]
    assert [m.endswith("= 0") for m in interfaces(text)["Small"]] == [True, False, False]


def named_types(text: str) -> set[tuple[str, str]]:
    """Namespace and name of the types that other files see."""
    namespaces = re.findall(r"^namespace (voyager[\w:]*) \{", text, re.M)
    text = re.sub(r"^namespace \{\n.*?^\}  // namespace\n", "", text, flags=re.M | re.S)
    found = re.findall(r"^(?:struct|class|enum class) (\w+)(?: final)?(?: ?: [^{;]*)? ?\{", text, re.M)
    return {(namespaces[0], one) for one in found} if namespaces else set()


def test_a_name_is_one_type():
    """Two types of one name in one namespace are one to the linker, which keeps one destructor for both."""
    seen, twice = {}, []
    for path in FILES:
        for one in named_types(path.read_text()):
            if one in seen:
                twice.append(f"{'::'.join(one)}: {seen[one]} and {name(path)}")
            seen[one] = name(path)
    assert not twice, "\n".join(twice)


def test_what_a_named_type_is():
    text = "namespace voyager::a {\nstruct One {\nclass Two final : public X {\nnamespace {\nstruct Own {\n}  // namespace\n"
    assert named_types(text) == {("voyager::a", "One"), ("voyager::a", "Two")}
