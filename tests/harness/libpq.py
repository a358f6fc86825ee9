"""Single statements by the server's client library: tests ask thousands of times, and starting psql takes longer than the answer."""

import ctypes
from functools import cache

CONNECTION_OK, COMMAND_OK, TUPLES_OK = 0, 1, 2


@cache
def library():
    pq = ctypes.CDLL("libpq.so.5")
    for name, kind in (("PQconnectdb", ctypes.c_void_p), ("PQexec", ctypes.c_void_p), ("PQgetvalue", ctypes.c_void_p), ("PQerrorMessage", ctypes.c_char_p)):
        getattr(pq, name).restype = kind
    return pq


def rows(conninfo: str, query: str) -> list[tuple] | str:
    """As psql -At shows them (NULL is empty), or what the server refuses it with. One statement only."""
    pq = library()
    connection = ctypes.c_void_p(pq.PQconnectdb(f"{conninfo} client_encoding=UTF8".encode(errors="surrogateescape")))
    try:
        if pq.PQstatus(connection) != CONNECTION_OK:
            return pq.PQerrorMessage(connection).decode(errors="surrogateescape")
        result = ctypes.c_void_p(pq.PQexec(connection, query.encode(errors="surrogateescape")))
        try:
            if pq.PQresultStatus(result) not in (COMMAND_OK, TUPLES_OK):
                return pq.PQerrorMessage(connection).decode(errors="surrogateescape")
            columns = range(pq.PQnfields(result))
            return [tuple(ctypes.string_at(pq.PQgetvalue(result, row, column), pq.PQgetlength(result, row, column)).decode(errors="surrogateescape")
                          for column in columns) for row in range(pq.PQntuples(result))]
        finally:
            pq.PQclear(result)
    finally:
        pq.PQfinish(connection)
