"""Public schemas and data of MySQL that nobody of this project wrote migrate and are equal. See mysql_corpora.txt."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harness.mariadb import MySqlMigration
from harness.mysql import MySqlServer


@dataclass
class Corpus:
    name: str
    folder: str
    load: list = field(default_factory=list)
    database: str = ""
    rules: str = ""
    mariadb: str = ""
    mysql: str = ""


def read() -> list[Corpus]:
    found = []
    for line in (Path(__file__).parent / "mysql_corpora.txt").read_text().splitlines():
        if line.startswith("#") or not line.strip():
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


@pytest.fixture(scope="module", params=["mariadb", pytest.param("mysql", marks=pytest.mark.long)])
def corpus_server(request):
    if request.param == "mariadb":
        yield request.param, request.getfixturevalue("mariadb_server")
        return
    # As MariaDB's, which takes zero dates.
    with MySqlServer("corpora", settings=["--sql-mode=STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"]) as server:
        yield request.param, server


@pytest.mark.parametrize("corpus", read(), ids=lambda c: c.name)
def test_corpus(corpus, corpora, corpus_server, target, folder):
    kind, server = corpus_server
    if why := getattr(corpus, kind):
        pytest.skip(why)
    name = "of_" + re.sub(r"\W", "_", corpus.name)
    start = server.create(name)
    source = server.database(server, corpus.database) if corpus.database else start
    if corpus.database:
        server.root(f"DROP DATABASE IF EXISTS `{corpus.database}`")
    for i, (file, errors) in enumerate(corpus.load):
        (start if i == 0 else source).load(corpora / "mysql" / corpus.folder / file, force=errors == "on")
    migration = MySqlMigration(source, target, folder)
    try:
        migration.export_schema("--yes")
        migration.import_schema()
        migration.export_data("--yes", *(["--value-rules", corpus.rules] if corpus.rules else []))
        migration.import_data()
        migration.finalize()
        told = migration.verify("--output-format", "json").json()
        assert told["tables"] and all(table["equal"] for table in told["tables"])
    finally:
        server.drop(source.name)
        server.drop(name)


def test_every_corpus_is_listed(corpora):
    present = {p.name for p in (corpora / "mysql").iterdir() if p.is_dir()}
    assert present == {c.folder for c in read()}
