"""A cluster that plays YugabyteDB with three nodes (tests/yugabytedb_standin)."""

from pathlib import Path

from .cluster import Cluster, Database

STANDIN_SQL = Path(__file__).resolve().parents[1] / "yugabytedb_standin" / "standin.sql"


class StandinCluster(Cluster):
    """One server on three loopback addresses."""

    def __init__(self, name="yb"):
        super().__init__(name=name, listen="127.0.0.1,127.0.0.2,127.0.0.3", settings={"wal_level": "logical"})

    def create(self, name=None, options="", nodes=None) -> Database:
        """`nodes` is a list of (host, port); default the three addresses."""
        db = super().create(name, options)
        db.load(STANDIN_SQL)
        db.sql(f'ALTER DATABASE "{db.name}" SET search_path = yb_standin, pg_catalog, public;')
        for number, (host, port) in enumerate(nodes or [(f"127.0.0.{n}", self.port) for n in (1, 2, 3)], 1):
            db.sql(f"""INSERT INTO yb_standin.server (host, port, zone, public_ip, uuid)
                       VALUES ('{host}', {port}, 'zone{number}', '{host}', 'node-{number}');
                       INSERT INTO yb_standin.metric (uuid) VALUES ('node-{number}');""")
        return db
