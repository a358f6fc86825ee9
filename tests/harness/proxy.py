"""A TCP proxy between the program and a server that cuts connections on order."""

import socket
import threading
import time

from .cluster import free_port


class Proxy:
    """Forwards 127.0.0.1:port to the target port. `cut_after` bytes in one direction it resets the connection, `cuts` times
    in all; the connections after that live. `rate` limits bytes a second in each direction of a connection. `round_trips` counts, over all
    connections, how often something was sent to the server behind an answer of it. `close()` makes the address refuse connections, as a dead node does."""

    def __init__(self, target_port: int, cut_after: int = 0, direction: str = "to_server", cuts: int = 1, rate: int = 0,
                 port: int = 0):
        self.target_port = target_port
        self.cut_after = cut_after
        self.direction = direction
        self.cuts_left = cuts if cut_after else 0
        self.cuts_done = 0
        self.rate = rate
        self.connections = 0
        self.round_trips = 0
        self._answered = set()
        self._lock = threading.Lock()
        self._open = set()
        self._listener = socket.create_server(("127.0.0.1", port or free_port()))
        self.port = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        try:  # A thread that waits in accept() keeps a closed socket listening.
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:   # Closed before.
            pass
        self._accepting.join()
        self._listener.close()
        with self._lock:
            pairs, self._open = self._open, set()
        for pair in pairs:
            self._reset(pair)

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target_port))
            except OSError:
                client.close()
                continue
            pair = (client, server)
            with self._lock:
                self._open.add(pair)
                self.connections += 1
            for source, sink, name in ((client, server, "to_server"), (server, client, "to_client")):
                threading.Thread(target=self._pump, args=(source, sink, name, pair), daemon=True).start()

    def _pump(self, source, sink, name, pair):
        passed = 0
        try:
            while data := source.recv(65536):
                self._count(name, pair)
                sink.sendall(data)
                passed += len(data)
                if self.rate:
                    time.sleep(len(data) / self.rate)
                if name == self.direction and self._take_cut(passed):
                    self._reset(pair)
                    return
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            self._reset(pair)

    def _count(self, name, pair):
        with self._lock:
            if name == "to_client":
                self._answered.add(pair)
            elif pair in self._answered:
                self._answered.discard(pair)
                self.round_trips += 1

    def _take_cut(self, passed) -> bool:
        with self._lock:
            if self.cuts_left <= 0 or passed < self.cut_after:
                return False
            self.cuts_left -= 1
            self.cuts_done += 1
            return True

    def _reset(self, pair):
        with self._lock:
            self._open.discard(pair)
        for end in pair:
            try:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            except OSError:
                pass
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            try:
                end.close()
            except OSError:
                pass
