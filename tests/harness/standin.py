"""A cluster that plays YugabyteDB with three nodes, and a filter that plays its grammar (tests/yugabytedb_standin)."""

import re
import socket
import struct
from pathlib import Path

from .cluster import Cluster, Database
from .proxy import Proxy

STANDIN_SQL = Path(__file__).resolve().parents[1] / "yugabytedb_standin" / "standin.sql"


class StandinCluster(Cluster):
    """One server on three loopback addresses. `programs`: of another release of PostgreSQL 15 than the installed one."""

    def __init__(self, name="yb", settings=None, programs=None):
        super().__init__(name=name, listen="127.0.0.1,127.0.0.2,127.0.0.3", programs=programs,
                         # The server's own, so that no database has a setting that a source has not.
                         settings={"wal_level": "logical", "search_path": "yb_standin, pg_catalog, public", **(settings or {})})

    def create(self, name=None, options="", nodes=None) -> Database:
        """`nodes` is a list of (host, port); default the three addresses."""
        db = super().create(name, options)
        db.load(STANDIN_SQL)
        for number, (host, port) in enumerate(nodes or [(f"127.0.0.{n}", self.port) for n in (1, 2, 3)], 1):
            db.sql(f"""INSERT INTO yb_standin.server (host, port, zone, public_ip, uuid)
                       VALUES ('{host}', {port}, 'zone{number}', '{host}', 'node-{number}');
                       INSERT INTO yb_standin.metric (uuid) VALUES ('node-{number}');""")
        return db


COLOCATION = re.compile(r"\n?\bWITH \(colocation='(?:true|false)'\)|, colocation='(?:true|false)'", re.I)
SETTING = re.compile(r'^(\s*(?:SET|RESET)\s+)"?yb_(\w+)"?', re.I)


def without_own_grammar(sql: str) -> str:
    """What only YugabyteDB reads is taken out, or put so that PostgreSQL reads it: a setting yb_x becomes yb_standin.x."""
    return COLOCATION.sub("", SETTING.sub(r"\1yb_standin.\2", sql))


class YugabyteGrammar(Proxy):
    """Stands in front of the stand-in and lets statements pass that only YugabyteDB understands. `statements` keeps those,
    as they were sent. It reads the client's messages (protocol 3.0, no TLS) and changes Query and Parse only."""

    UNTYPED = {80877102, 80877103, 80877104}   # cancel, TLS and GSS requests: what follows has no type either

    def __init__(self, target_port: int):
        super().__init__(target_port)
        self.statements = []

    def _pump(self, source, sink, name, pair):
        if name != "to_server":
            return super()._pump(source, sink, name, pair)
        try:
            code = self.next_untyped(source, sink)
            while code in self.UNTYPED:
                code = self.next_untyped(source, sink)
            while header := self.read(source, 5):
                body = self.read(source, struct.unpack("!I", header[1:])[0] - 4)
                body = self.changed(header[:1], body)
                sink.sendall(header[:1] + struct.pack("!I", len(body) + 4) + body)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            self._reset(pair)

    def next_untyped(self, source, sink) -> int:
        header = self.read(source, 4)
        if not header:
            raise OSError("closed")
        body = self.read(source, struct.unpack("!I", header)[0] - 4)
        sink.sendall(header + body)
        return struct.unpack("!I", body[:4])[0]

    def changed(self, kind: bytes, body: bytes) -> bytes:
        if kind not in (b"Q", b"P"):
            return body
        parts = body.split(b"\0")
        place = 0 if kind == b"Q" else 1
        sql = parts[place].decode(errors="surrogateescape")
        plain = without_own_grammar(sql)
        if plain != sql:
            self.statements.append(sql)
            parts[place] = plain.encode(errors="surrogateescape")
        return b"\0".join(parts)

    @staticmethod
    def read(source, size: int) -> bytes:
        """All of it, or nothing when the connection ends in front of it."""
        data = b""
        while len(data) < size:
            piece = source.recv(size - len(data))
            if not piece:
                if data:
                    raise OSError("cut")
                return b""
            data += piece
        return data
