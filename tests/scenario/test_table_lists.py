"""--table-list and its relatives: what is in scope, and what an unknown name gets."""

import pytest

from harness.migration import contents

SOURCE = """
CREATE SCHEMA app;
CREATE TABLE public.one (a int); INSERT INTO public.one VALUES (1);
CREATE TABLE public.two (a int); INSERT INTO public.two VALUES (1), (2);
CREATE TABLE public."Two" (a int); INSERT INTO public."Two" VALUES (1), (2), (3);
CREATE TABLE public.other (a int); INSERT INTO public.other VALUES (1);
CREATE TABLE app.one (a int); INSERT INTO app.one VALUES (1);
CREATE TABLE app.extra (a int); INSERT INTO app.extra VALUES (1);
CREATE TABLE public.parted (a int) PARTITION BY RANGE (a);
CREATE TABLE public.parted_low PARTITION OF public.parted FOR VALUES FROM (0) TO (10);
CREATE TABLE public.parted_high PARTITION OF public.parted FOR VALUES FROM (10) TO (20);
INSERT INTO public.parted SELECT generate_series(0, 19);
"""
ALL = {"public.one", "public.two", 'public."Two"', "public.other", "app.one", "app.extra", "public.parted_low", "public.parted_high"}

# flags -> tables that hold rows on the target afterwards
RULES = [
    ("nothing", [], ALL),
    ("bare names mean the default schema", ["--table-list", "one, other"], {"public.one", "public.other"}),
    ("with schema", ["--table-list", "app.one"], {"app.one"}),
    ("star", ["--table-list", "o*"], {"public.one", "public.other"}),
    ("question mark", ["--table-list", "on?"], {"public.one"}),
    ("class", ["--table-list", "[ot]*e"], {"public.one"}),
    ("star in a schema", ["--table-list", "app.*"], {"app.one", "app.extra"}),
    ("unquoted fits any case", ["--table-list", "TWO"], {"public.two", 'public."Two"'}),
    ("quoted is exact", ["--table-list", '"Two"'], {'public."Two"'}),
    ("exclude", ["--exclude-table-list", "o*,app.*,parted"], {"public.two", 'public."Two"'}),
    ("include and exclude", ["--table-list", "o*,app.*", "--exclude-table-list", "other,app.extra"], {"public.one", "app.one"}),
    ("a root brings its leaves", ["--table-list", "parted"], {"public.parted_low", "public.parted_high"}),
    ("a leaf comes alone", ["--table-list", "parted_low"], {"public.parted_low"}),
    ("exclude a leaf", ["--table-list", "parted", "--exclude-table-list", "parted_high"], {"public.parted_low"}),
]


def filled(db) -> set:
    return {table for table, (_, count) in contents(db).items() if count != "0"}


@pytest.fixture
def lists(migration):
    migration.source.sql(SOURCE)
    migration.schemas = "public,app"
    migration.export_schema()
    migration.import_schema()
    return migration


@pytest.mark.parametrize("flags,wanted", [rule[1:] for rule in RULES], ids=[rule[0] for rule in RULES])
def test_export(lists, flags, wanted):
    lists.export_data(*flags)
    lists.import_data()
    assert filled(lists.target) == wanted


def test_lists_from_files(lists):
    chosen = lists.folder / "tables.txt"
    chosen.write_text('one,\n\n"Two" , app.*\n')
    dropped = lists.folder / "not.txt"
    dropped.write_text("app.extra\n")
    lists.export_data("--table-list-file-path", chosen, "--exclude-table-list-file-path", dropped)
    lists.import_data()
    assert filled(lists.target) == {"public.one", 'public."Two"', "app.one"}


def test_import_takes_a_list_of_its_own(lists):
    lists.export_data()
    lists.import_data("--table-list", "one,app.one")
    assert filled(lists.target) == {"public.one", "app.one"}
    lists.import_data("--exclude-table-list", "other")
    assert filled(lists.target) == ALL - {"public.other"}


def test_unknown_name_lists_the_valid_ones(lists):
    refused = lists.export_data("--table-list", "one,twoo", expect=2)
    assert "twoo" in refused.err and "two" in refused.err.replace("twoo", "")
    assert not lists.data_files()


def test_a_list_and_its_file_exclude_each_other(lists):
    chosen = lists.folder / "tables.txt"
    chosen.write_text("one\n")
    lists.export_data("--table-list", "one", "--table-list-file-path", chosen, expect=2)


def test_only_sequences_of_chosen_tables_are_set(migration):
    migration.source.sql("""CREATE TABLE a (id serial); INSERT INTO a SELECT FROM generate_series(1, 5);
                            CREATE TABLE b (id serial); INSERT INTO b SELECT FROM generate_series(1, 5);""")
    migration.export_schema()
    migration.import_schema()
    migration.export_data("--table-list", "a")
    migration.import_data()
    assert migration.target.value("SELECT last_value FROM a_id_seq") == "5"
    assert migration.target.value("SELECT is_called FROM b_id_seq") == "f"
