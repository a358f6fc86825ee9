import os
import shutil
import tempfile
from pathlib import Path

import pytest

from harness.cluster import Cluster
from harness.migration import Migration
from crash.steps import Prepared


@pytest.fixture(scope="session")
def crash_source():
    """A source that nobody writes to while these tests run."""
    with Cluster("crash-source") as cluster:
        db = cluster.create("shop")
        db.load(os.path.join(os.path.dirname(__file__), "source.sql"))
        db.sql("ANALYZE")
        yield db


@pytest.fixture
def doomed(crash_source, target, folder) -> Migration:
    return Migration(crash_source, target, folder)


@pytest.fixture(scope="session")
def prepared(target_cluster):
    place = Path(tempfile.mkdtemp(prefix="voy-prepared-"))
    place.chmod(0o755)
    yield Prepared(target_cluster, place)
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def before(prepared, folder):
    """Brings a migration of a source to where it stands before a step."""
    made = []

    def bring(step, source) -> Migration:
        made.append(prepared.before(step, source, folder))
        return made[-1]
    yield bring
    for one in made:
        one.target.cluster.drop(one.target.name)


@pytest.fixture(scope="session")
def large_source(crash_source):
    """One table large enough that its primary key is built after its rows."""
    db = crash_source.cluster.create("large")
    db.sql("""CREATE TABLE big (id int PRIMARY KEY, body text, n int);
        INSERT INTO big SELECT g, repeat(md5(g::text), 20), g FROM generate_series(1, 60000) g;
        CREATE TABLE child (id int PRIMARY KEY REFERENCES big); INSERT INTO child SELECT generate_series(1, 100);
        CREATE MATERIALIZED VIEW m AS SELECT count(*) FROM big;""")
    return db
