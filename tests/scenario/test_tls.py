"""TLS modes and files, for both sides, against a server that insists on what it is asked for."""

import pytest

from harness.migration import Migration
from harness.tls import Authority


@pytest.fixture
def tls(tls_cluster, authority, folder, canary):
    socket = tls_cluster.socket_db()
    for name in ("tls_source", "tls_target"):
        socket.sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        socket.sql(f"CREATE DATABASE {name}")
    tls_cluster.socket_db("tls_source").sql("CREATE TABLE t (a int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 100)")

    def make(user, host="localhost"):
        migration = Migration(tls_cluster.db("tls_source", user), tls_cluster.db("tls_target", user), folder,
                              env={"SOURCE_DB_PASSWORD": canary, "TARGET_DB_PASSWORD": canary})
        migration.source.host = migration.target.host = host
        return migration

    return make


def flags(side, mode, authority=None, client=None):
    found = [f"--{side}-ssl-mode", mode]
    if authority:
        found += [f"--{side}-ssl-root-cert", authority.root]
    if client:
        found += [f"--{side}-ssl-cert", authority.folder / f"{client}.crt", f"--{side}-ssl-key", authority.folder / f"{client}.key"]
    return found


@pytest.mark.parametrize("mode,needs_root", [("allow", False), ("prefer", False), ("require", False), ("verify-ca", True), ("verify-full", True)])
def test_modes_that_reach_a_tls_only_user(tls, authority, mode, needs_root):
    migration = tls("tls_user")
    source = flags("source", mode, authority if needs_root else None)
    target = flags("target", mode, authority if needs_root else None)
    migration.export_schema(*source)
    migration.import_schema(*target)
    migration.export_data(*source)
    migration.import_data(*target)
    migration.finalize(*target)
    migration.verify(*source, *target)


def test_disable_does_not_reach_a_tls_only_user(tls):
    tls("tls_user").export_schema(*flags("source", "disable"), expect=4)


def test_disable_reaches_a_plain_only_user(tls):
    tls("plain_user").export_schema(*flags("source", "disable"))


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
def test_strict_modes_never_fall_back_to_plain(tls, authority, mode):
    tls("plain_user").export_schema(*flags("source", mode, authority), expect=4)


@pytest.mark.parametrize("mode", ["verify-ca", "verify-full"])
def test_a_foreign_authority_is_refused(tls, folder, mode):
    stranger = Authority(folder / "stranger").make()
    tls("tls_user").export_schema(*flags("source", mode, stranger), expect=4)


def test_another_host_name_is_refused_by_verify_full_only(tls, authority):
    migration = tls("tls_user", host="ip6-loopback-is-not-in-the-certificate.invalid")
    migration.export_schema(*flags("source", "verify-full", authority), expect=4)
    # 127.0.0.2 reaches nobody here; the certificate names 127.0.0.1 and localhost.
    tls("tls_user", host="127.0.0.1").export_schema(*flags("source", "verify-full", authority))


def test_client_certificate(tls, authority):
    migration = tls("cert_user")
    migration.env = {}
    source, target = (flags(side, "verify-full", authority, "client") for side in ("source", "target"))
    passwords = {"SOURCE_DB_PASSWORD": "unused", "TARGET_DB_PASSWORD": "unused"}
    migration.env = passwords
    migration.export_schema(*source)
    migration.import_schema(*target)
    migration.export_data(*source)
    migration.import_data(*target)
    migration.finalize(*target)
    migration.verify(*source, *target)


def test_no_client_certificate(tls, authority):
    tls("cert_user").export_schema(*flags("source", "verify-full", authority), expect=4)
