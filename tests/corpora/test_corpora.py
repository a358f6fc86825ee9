"""Public schemas and data that nobody of this project wrote migrate and are equal. See corpora.txt."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harness.cluster import Cluster
from harness.migration import Migration, assert_same_rows


@dataclass
class Corpus:
    name: str
    folder: str
    load: list = field(default_factory=list)
    roles: str = ""
    before: str = ""
    database: str = ""
    differs: str = ""
    skip: str = ""


def read() -> list[Corpus]:
    found = []
    for line in (Path(__file__).parent / "corpora.txt").read_text().splitlines():
        if line.strip().startswith("#") or not line.strip():
            continue
        if not line.startswith(" "):
            name, _, folder = line.partition(" in ")
            found.append(Corpus(name, folder or name))
            continue
        key, _, value = line.strip().partition(": ")
        if key == "load":
            found[-1].load.append(value.split())
        else:
            setattr(found[-1], key, value)
    return found


@pytest.fixture(scope="module")
def servers():
    """Of their own: these scripts make databases and roles of any name."""
    with Cluster("corpora-source") as source, Cluster("corpora-target") as target:
        yield source, target


def schemas_of(db) -> str:
    names = [r[0] for r in db.rows("""SELECT nspname FROM pg_namespace n WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
        AND (EXISTS (SELECT FROM pg_class WHERE relnamespace = n.oid) OR EXISTS (SELECT FROM pg_proc WHERE pronamespace = n.oid)
             OR EXISTS (SELECT FROM pg_type WHERE typnamespace = n.oid)) ORDER BY 1""")]
    return ",".join(n if re.fullmatch(r"[a-z_][a-z0-9_]*", n) else '"' + n.replace('"', '""') + '"' for n in names)


def load(corpus, corpora, source_server, target_server):
    """The corpus as a database of the source server; its roles are on both."""
    place = corpora / "postgresql" / corpus.folder
    source = source_server.db(corpus.database) if corpus.database else source_server.create(re.sub(r"\W", "_", corpus.name))
    for role in corpus.roles.split():
        for server in (source_server, target_server):
            server.db().sql(f"CREATE ROLE {role}")
    if corpus.before:
        source.sql(corpus.before)
    start = source_server.db() if corpus.database else source
    for file, errors in corpus.load:
        done = start.psql("-v", f"ON_ERROR_STOP={int(errors == 'stop')}", "-v", "PGUSER=postgres", "-v", f"DBNAME={source.name}", "-f", place / file)
        assert done.returncode == 0, done.stderr[-2000:]
    # Views that were filled before their tables would differ from views that are filled now.
    for (view,) in source.rows("SELECT oid::regclass FROM pg_class WHERE relkind = 'm'"):
        source.psql("-c", f"REFRESH MATERIALIZED VIEW {view}")
    # Policies name roles; a dump of schemas brings none.
    for (role,) in source_server.db().rows("SELECT quote_ident(rolname) FROM pg_roles WHERE rolname !~ '^pg_' AND rolname <> 'postgres'"):
        target_server.db().psql("-c", f"CREATE ROLE {role}")
    return source


@pytest.mark.parametrize("corpus", read(), ids=lambda c: c.name)
def test_corpus(corpus, corpora, servers, folder):
    if corpus.skip:
        pytest.skip(corpus.skip)
    source_server, target_server = servers
    source = load(corpus, corpora, source_server, target_server)
    migration = Migration(source, target_server.create(source.name), folder, schemas=schemas_of(source))
    tolerant = ["--continue-on-error", "true"] if corpus.differs else []
    migration.export_schema()
    migration.import_schema(*tolerant)
    migration.export_data()
    migration.import_data()
    migration.finalize("--refresh-mviews", "true", *tolerant)
    assert_same_rows(source, migration.target)
    told = migration.verify("--output-format", "json", expect=9 if corpus.differs else 0).json()
    assert [table for table in told["tables"] if not table["equal"]] == []
    assert [one for one in told["objects"]
            if one["difference"] != "missing_on_target" or not re.fullmatch(corpus.differs, f'{one["kind"]} {one["name"]}')] == []


def test_every_corpus_is_listed(corpora):
    present = {p.name for p in (corpora / "postgresql").iterdir() if p.is_dir()}
    assert present == {c.folder for c in read()}
