"""import data file: formats, options, awkward files, several files, bad lines."""

import csv
import hashlib
import io
import json
import re
import shutil

import pytest

from harness.migration import run


class Files:
    """A target with a table `t (a, b, c)` unless told otherwise, a folder of files, and the command."""

    def __init__(self, target, folder):
        self.target, self.folder = target, folder
        self.export_dir, self.data_dir = folder / "export-dir", folder / "files"
        self.export_dir.mkdir()
        self.data_dir.mkdir()

    def table(self, definition="a text, b text, c text", name="t"):
        self.target.sql(f"CREATE TABLE {name} ({definition})")

    def put(self, text, name="t.csv"):
        (self.data_dir / name).write_bytes(text if isinstance(text, bytes) else text.encode())

    def load(self, *flags, map="t.csv:t", env=None, **options):
        return run("import", "data", "file", "--export-dir", self.export_dir, "--target-db-host", "127.0.0.1",
                   "--target-db-port", self.target.port, "--target-db-user", "postgres", "--target-db-name", self.target.name,
                   "--data-dir", self.data_dir, "--file-table-map", map, *flags,
                   env={"TARGET_DB_PASSWORD": "x", **(env or {})}, **options)

    def rows(self, query="SELECT * FROM t"):
        return self.target.rows(query)


@pytest.fixture
def files(target, folder):
    return Files(target, folder)


# Text, flags, and what stands in the table afterwards (NULL shown as ∅).
CASES = {
    "plain": ("1,2,3\n4,5,6\n", [], [("1", "2", "3"), ("4", "5", "6")]),
    "no newline at the end": ("1,2,3\n4,5,6", [], [("1", "2", "3"), ("4", "5", "6")]),
    "CR LF": ("1,2,3\r\n4,5,6\r\n", [], [("1", "2", "3"), ("4", "5", "6")]),
    "header": ("c,a,b\n1,2,3\n", ["--has-header", "true"], [("2", "3", "1")]),
    "header with fewer columns": ("b\n1\n", ["--has-header", "true"], [("∅", "1", "∅")]),
    "header in other case": ("C,A,B\n1,2,3\n", ["--has-header", "true"], [("2", "3", "1")]),
    "only a header": ("a,b,c\n", ["--has-header", "true"], []),
    "empty file": ("", [], []),
    "newline in quotes": ('"x\ny",2,3\n4,"5\r\n",6\n', [], [("x\ny", "2", "3"), ("4", "5\r\n", "6")]),
    "doubled quotes": ('"say ""hi""",2,3\n', [], [('say "hi"', "2", "3")]),
    "delimiter in quotes": ('"1,5",2,3\n', [], [("1,5", "2", "3")]),
    "empty is null, quoted empty is not": (',"",3\n', [], [("∅", "", "3")]),
    "null string": ("NULL,2,\n", ["--null-string", "NULL"], [("∅", "2", "")]),
    "quoted null string is text": ('"NULL",2,3\n', ["--null-string", "NULL"], [("NULL", "2", "3")]),
    "backslash escape": ('"a\\"b",2,3\n', ["--escape-char", "\\"], [('a"b', "2", "3")]),
    "other quote": ("'a,b',2,3\n", ["--quote-char", "'", "--escape-char", "'"], [("a,b", "2", "3")]),
    "deprecated file options": ("'a\\'b',2,3\n", ["--file-opts", "escape_char=\\,quote_char='"], [("a'b", "2", "3")]),
    "semicolon": ("1;2;3\n", ["--delimiter", ";"], [("1", "2", "3")]),
    "tab by escape": ("1\t2\t3\n", ["--delimiter", "\\t"], [("1", "2", "3")]),
    "text": ("1\t\\N\ta\\tb\\\\\\n\n", ["--format", "text"], [("1", "∅", "a\tb\\\n")]),
    "text with bars": ("1|2|\\N\n", ["--format", "text", "--delimiter", "|"], [("1", "2", "∅")]),
    "text with empty values": ("\t\t\n", ["--format", "text"], [("", "", "")]),
    "backslash point in csv": ("\\.,2,3\n4,5,6\n", [], [("\\.", "2", "3"), ("4", "5", "6")]),
    "other letters": ("ä,日本,𝔘\n", [], [("ä", "日本", "𝔘")]),
    "byte-order mark": ("\ufeff1,2,3\n", [], [("1", "2", "3")]),
    "byte-order mark and header": ("\ufeffa,b,c\n1,2,3\n", ["--has-header", "true"], [("1", "2", "3")]),
    "byte-order mark and quoted header": ('\ufeff"a","b","c"\n1,2,3\n', ["--has-header", "true"], [("1", "2", "3")]),
    "byte-order mark in text": ("\ufeff1\t2\t3\n", ["--format", "text"], [("1", "2", "3")]),
    "end marker at the end": ("1,2,3\n\\.\n\n", [], [("1", "2", "3")]),
    "end marker at the end of text": ("1\t2\t3\n\\.\n", ["--format", "text"], [("1", "2", "3")]),
    "latin1": ("é,ü,3\n".encode("latin-1"), ["--encoding", "iso-8859-1"], [("é", "ü", "3")]),
    "windows 1252": ("€,2,3\n".encode("cp1252"), ["--encoding", "windows-1252"], [("€", "2", "3")]),
    "koi8 as text": ("ж\t2\t3\n".encode("koi8-r"), ["--format", "text", "--encoding", "KOI8R"], [("ж", "2", "3")]),
}


@pytest.mark.parametrize("text,flags,wanted", CASES.values(), ids=CASES.keys())
def test_format(files, text, flags, wanted):
    files.table()
    files.put(text)
    files.load(*flags)
    found = files.rows("SELECT coalesce(a, '∅'), coalesce(b, '∅'), coalesce(c, '∅') FROM t")
    assert sorted(found) == sorted(wanted)


def test_one_empty_text_column_keeps_its_rows(files):
    files.table("a text")
    files.put("x\n\ny\n")
    files.load("--format", "text")
    assert sorted(files.rows()) == [("",), ("x",), ("y",)]


def test_many_rows_in_many_batches_with_quoted_newlines(files):
    files.table("id int PRIMARY KEY, body text")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["id", "body"])
    expected = {i: ['a,b', 'say "x"', "line\nline", "\n\n\n", '"', ""][i % 6] + str(i) for i in range(50_000)}
    writer.writerows(expected.items())
    files.put(out.getvalue())
    files.load("--has-header", "true", "--batch-size", "777", "--parallel-jobs", "3")
    assert files.rows("SELECT count(*), md5(string_agg(id || body, '' ORDER BY id)) FROM t") == [
        ("50000", hashlib.md5("".join(f"{i}{b}" for i, b in expected.items()).encode()).hexdigest())]


def test_several_files_and_a_pattern(files):
    files.table()
    files.table(name='"Other"')
    for n in range(3):
        files.put(f"{n},x,y\n", f"part{n}.csv")
    files.put("9,9,9\n", "other.csv")
    files.load(map='part*.csv:t,other.csv:"Other"')
    assert sorted(r[0] for r in files.rows()) == ["0", "1", "2"]
    assert files.rows('SELECT a FROM "Other"') == [("9",)]
    status = run("import", "data", "status", "--export-dir", files.export_dir, "--output-format", "json").json()
    status = status if isinstance(status, list) else status["tables"]
    assert {r["file_name"] for r in status} == {"part0.csv", "part1.csv", "part2.csv", "other.csv"}
    assert {r["status"] for r in status} == {"DONE"}
    assert "TOTAL SIZE" in run("import", "data", "status", "--export-dir", files.export_dir).out


def test_a_schema_in_the_map(files):
    files.target.sql("CREATE SCHEMA app; CREATE TABLE app.t (a text, b text, c text)")
    files.put("1,2,3\n")
    files.load(map="t.csv:app.t")
    assert files.target.count("app.t") == 1


@pytest.mark.parametrize("flags,map,code", [
    (["--has-header", "true", "--format", "text"], "t.csv:t", 2), (["--format", "json"], "t.csv:t", 2),
    (["--delimiter", "ab"], "t.csv:t", 2), ([], "none*.csv:t", 2), ([], "t.csv:no_table", None), ([], "t.csv", 2),
], ids=["header of text", "format", "two byte delimiter", "pattern that fits nothing", "unknown table", "no table"])
def test_refused(files, flags, map, code):
    files.table()
    files.put("1,2,3\n")
    refused = files.load(*flags, map=map, expect=code)
    assert refused.code != 0 and files.target.count("t") == 0, refused


def test_data_dir_inside_the_export_dir_is_refused(files):
    files.table()
    files.data_dir = files.export_dir / "files"
    files.data_dir.mkdir()
    files.put("1,2,3\n")
    files.load(expect=2)


def test_bad_lines_are_set_aside(files):
    files.table("a int, b varchar(3), c date")
    good = [f'{i},"x\ny",2020-01-01' for i in range(1000)]   # Two lines each.
    bad = {10: "10,too long,2020-01-01", 500: "nine,x,2020-01-01", 700: "1,x", 701: "1,x,2020-01-01,more", 999: "1,x,2020-13-01"}
    files.put("a,b,c\n" + "\n".join(bad.get(i, line) for i, line in enumerate(good)) + "\n")
    files.load("--has-header", "true", "--error-policy", "stash-and-continue", "--batch-size", "100", expect=8)
    assert files.target.count("t") == 1000 - len(bad)
    stash = "\n".join(p.read_text() for p in files.export_dir.glob("data/errors/**/*") if p.is_file())
    lines = [2 + 2 * i - before for before, i in enumerate(sorted(bad))]
    for number, line in zip(lines, bad.values()):
        assert re.search(rf" LINE: {number}\nERROR: [^\n]*\nROW: {re.escape(line)}\n", stash), stash
    told = json.loads(run("rejects", "list", "--export-dir", files.export_dir, "--output-format", "json").out)
    assert [row["line"] for row in told["rows"]] == lines


def test_invalid_bytes_are_set_aside(files):
    files.table()
    files.put(b"1,2,3\n\xff\xfe,2,3\n4,5,6\n")
    files.load("--error-policy", "stash-and-continue", expect=8)
    assert files.target.count("t") == 2


def test_abort_names_file_and_line_and_goes_on_after_the_repair(files):
    files.table("a int, b text, c text")
    files.put("1,2,3\nx,2,3\n4,5,6\n")
    refused = files.load(expect=1)
    assert "t.csv" in refused.err and "x" in refused.err
    files.target.sql("ALTER TABLE t ALTER a TYPE text")
    files.load()
    assert files.target.count("t") == 3


def test_unterminated_quote(files):
    files.table()
    files.put('1,2,3\n"4,5,6\n7,8,9\n')
    refused = files.load(expect=1)
    assert "quote" in refused.err.lower()


def test_a_row_above_the_limit(files):
    files.table()
    files.put("1,2,3\n" + "x" * 3_000_000 + ",2,3\n4,5,6\n")
    refused = files.load(env={"CSV_READER_MAX_BUFFER_SIZE_BYTES": "1000000"}, expect=1)
    assert "CSV_READER_MAX_BUFFER_SIZE_BYTES" in refused.said
    files.load("--start-clean", "true", "--truncate-tables", "true", "--yes")
    assert files.target.count("t") == 3


def test_running_twice_imports_once(files):
    files.table()
    files.put("1,2,3\n")
    files.load()
    files.load()
    assert files.target.count("t") == 1
    files.load("--start-clean", "true", "--truncate-tables", "true", "--yes")
    assert files.target.count("t") == 1


# Delimited files that a peer's authors wrote for their own loader, as far as their meaning is COPY's:
# folder -> columns of the table, flags, a query, its answer.
HEADER = ["--has-header", "true"]
PEER = {
    "basic": ("id int, name text, email text, age int", HEADER, "SELECT sum(age), max(name) FROM t", [("118", "Diana")]),
    "allcols": ("a int, b date, c text", ["--delimiter", ":"], "SELECT max(c), max(b) FROM t WHERE a < 4", [("second one", "2008-02-20")]),
    "embedded-newline": ("id int, body text, state text", [], "SELECT body FROM t WHERE id = 3", [("three\nline\nfield",)]),
    "semicolon": ("a int, b timestamp, nil numeric, t numeric", [*HEADER, "--delimiter", ";"], "SELECT sum(nil), sum(t) FROM t", [("-4.7", "28.0")]),
    "tab": ("usps text, geoid text, aland bigint, awater bigint", [*HEADER, "--delimiter", "\\t"], "SELECT sum(aland) FROM t", [("600000",)]),
    "districts": ('"USPS" text, geoid text, aland bigint, awater bigint, aland_sqmi numeric, awater_sqmi numeric, intptlat numeric, intptlong numeric',
                  [*HEADER, "--delimiter", "\\t"], 'SELECT geoid FROM t WHERE "USPS" = \'CA\'', [("0600000",)]),
    "csv-escape-mode": ("id int, name text, description text", HEADER, "SELECT description FROM t WHERE id = 3", [('say "hello"',)]),
    "nulls": ("id int, number int, data text", ["--null-string", "\\N"], "SELECT id, number IS NULL FROM t ORDER BY 1", [("1", "t"), ("2", "f")]),
    "track": ("id int, track text, album text, media text, genre text, artist text, ms int, bytes bigint, price numeric", [],
              "SELECT count(*), count(artist) < count(*) FROM t", [("3503", "t")]),
    "playlist-track": ("playlist int, track int", [], "SELECT count(*) FROM t", [("8716",)]),
    "column-order": ("c text, b date", ["--delimiter", ";"], "SELECT min(b) FROM t", [("2006-05-12",)]),
    "overflow": ("id numeric, f1 text", [], "SELECT max(id) FROM t", [("18446744073709551596",)]),
    "not-enclosed": ("nom text, prenom text", ["--delimiter", "|"], "SELECT count(DISTINCT nom) FROM t", [("4",)]),
}


@pytest.mark.parametrize("name", PEER)
def test_peer_file(files, corpora, name):
    columns, flags, query, wanted = PEER[name]
    data = next(p for p in sorted((corpora / "import-file" / "pgloader-csv" / name).iterdir()) if p.is_file())
    files.table(columns)
    shutil.copy(data, files.data_dir / "t.csv")
    files.load(*flags)
    assert files.rows(query) == wanted


@pytest.mark.parametrize("text,flags,line", [
    ("h,i,j\n1,2,3\n\n\\.\n4,5,6\n", ["--has-header", "true"], 4),
    ("1,2,3\r\n\\.\r\n4,5,6\r\n", [], 2),
    ("\\.\n4,5,6\n", [], 1),
    ("1\t2\t3\n\\.\n4\t5\t6\n", ["--format", "text"], 2)], ids=["csv", "CR LF", "first line", "text"])
def test_rows_behind_an_end_marker_are_not_dropped(files, text, flags, line):
    files.table("h text, i text, j text")
    files.put(text)
    refused = files.load(*flags, expect=1)
    assert "FIL-001" in refused.err and f"line {line}:" in refused.said and "rows follow" in refused.said, refused
    files.load(*flags, "--start-clean", "true", "--truncate-tables", "true", "--error-policy", "stash-and-continue", expect=8)
    assert ("4", "5", "6") in files.rows() and len(files.rows()) == (1 if line == 1 else 2)
    status = run("import", "data", "status", "--export-dir", files.export_dir, "--output-format", "json").json()
    assert len(status if isinstance(status, list) else status["tables"]) == 1


@pytest.mark.parametrize("data,words", [
    (__import__("gzip").compress(b"1,2,3\n"), "gunzip"), ("\ufeff1,2,3\n".encode("utf-16-le"), "UTF-16"),
    ("1,2,3\n".encode("utf-16-le"), "zero"), (b"PK\x03\x04...", "zip")], ids=["gzip", "UTF-16 with mark", "UTF-16", "zip"])
def test_files_that_are_no_text_are_refused_before_the_first_row(files, data, words):
    files.table()
    files.put("1,2,3\n", "a.csv")
    files.put(data, "b.csv")
    refused = files.load(map="*.csv:t", expect=2)
    assert words in refused.said and "b.csv" in refused.said, refused
    assert files.rows() == []


def test_headers_of_all_files_are_checked_before_the_first_row(files):
    files.table()
    files.put("a,b\n1,2\n", "a.csv")
    files.put("a,nothing\n1,2\n", "b.csv")
    assert "b.csv" in files.load("--has-header", "true", map="*.csv:t", expect=2).said
    files.put("\n\n", "b.csv")
    assert "is empty, where the header should be" in files.load("--has-header", "true", map="*.csv:t", expect=2).said
    assert files.rows() == []


def test_files_without_rows_are_remarked(files):
    files.table()
    files.put("", "a.csv")
    files.put("a,b,c\n", "b.csv")
    told = files.load("--has-header", "true", map="*.csv:t")
    assert "a.csv is empty" in told.said and "b.csv holds a header and no row" in told.said


def test_sequences_stand_behind_what_was_loaded(files):
    files.target.sql("""CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n serial, d bigint, name text);
        CREATE SEQUENCE free; ALTER TABLE t ALTER d SET DEFAULT nextval('free'); SELECT setval('free', 100);
        CREATE TABLE down (id int GENERATED ALWAYS AS IDENTITY (INCREMENT -1 MAXVALUE -1 MINVALUE -1000))""")
    files.put("5,70,9,a\n9,7,8,b\n", "t.csv")
    files.put("-40\n", "down.csv")
    files.load(map="t.csv:t,down.csv:down")
    files.target.sql("INSERT INTO t (name) VALUES ('new'); INSERT INTO down DEFAULT VALUES")
    assert files.rows("SELECT id, n, d FROM t WHERE name = 'new'") == [("10", "71", "101")]
    assert files.rows("SELECT min(id) FROM down") == [("-41",)]


def test_a_refused_row_is_named_by_its_line(files):
    files.table("a int, b text")
    files.put("a,b\n" + "".join(f'{i},"x\ny"\n' for i in range(1, 30001)) + "\n\nwrong,z\n5,6\n")
    refused = files.load("--has-header", "true", expect=1)
    assert "t.csv:60004" in refused.err.replace("\n", "") and "begin anew" in refused.said, refused
    files.put("1\ta\n2\tcaf\u00e9\n3\tb\n".encode("latin-1"), "u.csv")
    refused = files.load("--format", "text", "--start-clean", "true", "--truncate-tables", "true", map="u.csv:t", expect=1)
    assert "--encoding" in refused.err, refused


def test_what_bears_the_name_is_told(files):
    files.target.sql('CREATE TABLE "MyTable" (a int); CREATE VIEW seen AS SELECT 1 AS a')
    files.put("1\n")
    assert 'there is: table public."MyTable"' in files.load(map="t.csv:MyTable", expect=2).said
    assert "there is: view public.seen" in files.load(map="t.csv:seen", expect=2).said


@pytest.mark.parametrize("flags", [["--quote-char", ","], ["--delimiter", "\\n"], ["--format", "text", "--delimiter", "a"],
                                   ["--null-string", "a,b"], ["--encoding", "SJIS"], ["--encoding", "what"]])
def test_settings_that_cannot_work_are_refused_at_once(files, flags):
    files.table()
    files.put("1,2,3\n")
    refused = files.load(*flags, expect=2)
    assert "--" in refused.err and "Traceback" not in refused.err
