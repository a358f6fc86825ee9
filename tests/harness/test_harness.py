"""What the other tests lean on must itself notice things."""

import pytest

from harness.cluster import SqlError
from harness.migration import assert_same_rows, clean_environment
from harness.proxy import Proxy
from harness.standin import StandinCluster


def test_a_changed_value_is_noticed(source, target):
    for db in (source, target):
        db.sql("CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1, 'x'), (2, NULL)")
    assert_same_rows(source, target)
    target.sql("UPDATE t SET b = '' WHERE a = 2")
    with pytest.raises(AssertionError):
        assert_same_rows(source, target)


def test_a_doubled_row_is_noticed(source, target):
    for db in (source, target):
        db.sql("CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
    target.sql("INSERT INTO t VALUES (1)")
    with pytest.raises(AssertionError):
        assert_same_rows(source, target)


def test_a_missing_and_an_extra_table_are_noticed(source, target):
    source.sql("CREATE TABLE t (a int)")
    with pytest.raises(AssertionError):
        assert_same_rows(source, target)
    target.sql("CREATE TABLE t (a int); CREATE TABLE u (a int)")
    with pytest.raises(AssertionError):
        assert_same_rows(source, target)


def test_a_refused_statement_is_raised(source):
    with pytest.raises(SqlError, match="division by zero"):
        source.sql("SELECT 1/0")


def test_the_proxy_cuts(source):
    with Proxy(source.port, cut_after=50_000, direction="to_client") as proxy:
        source.through = proxy.port
        far = source.psql("-At", "-c", "SELECT repeat('x', 1000000)")
        assert far.returncode != 0 and proxy.cuts_done == 1


def test_the_stand_in_refuses_as_often_as_asked():
    with StandinCluster("selftest") as cluster:
        db = cluster.create()
        assert "-YB-" in db.value("SELECT version()")
        assert len(db.rows("SELECT * FROM yb_servers()")) == 3
        db.sql("CREATE TABLE public.t (a int); SELECT yb_standin.fail_next('public.t', '40001', 'again', 2)")
        for _ in range(2):
            with pytest.raises(SqlError, match="again"):
                db.sql("SET session_replication_role = replica; INSERT INTO public.t VALUES (1)")
        db.sql("INSERT INTO public.t VALUES (1)")
        assert db.value("SELECT yb_standin.refused('public.t')") == "2"


def test_the_environment_of_the_program_is_clean(monkeypatch):
    monkeypatch.setenv("PGHOST", "elsewhere")
    monkeypatch.setenv("SOURCE_DB_PASSWORD", "mine")
    assert not {"PGHOST", "SOURCE_DB_PASSWORD"} & set(clean_environment())
