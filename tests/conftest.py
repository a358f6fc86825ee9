"""Fixtures shared by all suites. Servers live as long as the session; every test gets databases of its own."""

import os
import secrets
import shutil
import signal
import sys
import tempfile
import threading
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

# So that a failed assert in these shows its values.
pytest.register_assert_rewrite("harness.migration", "crash.steps")

from harness import afterwards, json_schema  # noqa: E402
from harness.cluster import Cluster  # noqa: E402
from harness.mariadb import MariaServer, MySqlMigration  # noqa: E402
from harness.migration import Migration, REPOSITORY  # noqa: E402
from harness.tls import Authority, TlsCluster  # noqa: E402


def pytest_configure():
    """A terminated run stops its servers, as an interrupted one does."""
    if threading.current_thread() is threading.main_thread():  # A worker of xdist may begin in another one.
        signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="also run what takes minutes")
    parser.addoption("--seed", type=int, default=None, help="seed of the random kills, as a failed run printed it")


# With --dist loadfile a worker has a whole file. These take longest and begin first, so that no worker ends long after the others.
LONGEST = ["scenario/test_messages.py", "browser/test_pages.py", "live/test_live_mysql.py", "crash/test_fault_points.py", "live/test_way_back.py",
           "live/test_live.py", "scenario/test_schema_optimizations.py", "live/test_iterations.py", "scenario/test_yugabytedb.py", "crash/test_servers.py",
           "live/test_live_capture.py", "live/test_live_target.py", "live/test_live_faults.py", "scenario/test_rejects.py", "live/test_live_report.py",
           "scenario/test_gather_script.py", "scenario/test_overlap.py", "live/test_rehearsal.py", "crash/test_random_kills.py"]


def pytest_collection_modifyitems(config, items):
    order = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.nodeid.split("::")[0], len(order)))
    if config.getoption("--long"):
        return
    for item in items:
        if "long" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="takes minutes: give --long"))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol():
    afterwards.begin()
    yield


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport():
    outcome = yield
    report = outcome.get_result()
    if report.failed and hasattr(report.longrepr, "addsection"):
        for title, text in afterwards.sections():
            report.longrepr.addsection(title, text)


@pytest.fixture(scope="session")
def source_cluster():
    with Cluster("source", settings={"max_prepared_transactions": 4}) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def target_cluster():
    with Cluster("target") as cluster:
        yield cluster


@pytest.fixture(scope="session")
def mariadb_server():
    with MariaServer() as server:
        yield server


@pytest.fixture
def folder():
    """Like tmp_path, but short and removed at once: tests write gigabytes in sum."""
    path = Path(tempfile.mkdtemp(prefix="voy-test-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def source(source_cluster, request):
    name = database_name(request)
    yield source_cluster.create(name)
    source_cluster.drop(name)


@pytest.fixture
def target(target_cluster, request):
    name = database_name(request)
    yield target_cluster.create(name)
    target_cluster.drop(name)


def database_name(request) -> str:
    base = "".join(c if c.isalnum() else "_" for c in request.node.name.lower())[:40]
    return f"{base}_{secrets.token_hex(3)}"


@pytest.fixture
def migration(source, target, folder):
    """An empty source, an empty target and an export directory between them. Whatever a test left there for machines has to
    be what its published schema says."""
    made = Migration(source, target, folder)
    yield made
    assert json_schema.wrong_documents(made.export_dir) == {}


@pytest.fixture
def mysql_migration(mariadb_server, target, folder, request) -> MySqlMigration:
    """An empty MariaDB database, an empty target and an export directory between them."""
    name = database_name(request)
    made = MySqlMigration(mariadb_server.create(name), target, folder)
    yield made
    mariadb_server.drop(name)
    assert json_schema.wrong_documents(made.export_dir) == {}


@pytest.fixture(scope="session")
def canary() -> str:
    """A password that must never be seen anywhere."""
    return "Canary-" + secrets.token_hex(8) + "#%/ä"


@pytest.fixture(scope="session")
def authority():
    path = Path(tempfile.mkdtemp(prefix="voy-ca-"))
    path.chmod(0o755)
    yield Authority(path / "ca").make()
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def tls_cluster(authority, canary):
    authority.issue("client", "cert_user")
    with TlsCluster(authority, canary) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of public schemas and data, VOY_SHARED or ../shared beside the repository."""
    path = Path(os.environ.get("VOY_SHARED", REPOSITORY.parent / "shared")) / "corpora"
    if not path.is_dir():
        pytest.skip(f"{path} is not here (set VOY_SHARED)")
    return path
