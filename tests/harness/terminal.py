"""What the program shows to a person at a terminal, and asks."""

import os
import re
import subprocess
import threading

from .migration import binary, clean_environment


def on_a_terminal(args, env, columns=100, answer="", expect=0) -> str:
    """What the program shows on a terminal, without colours. The answer is typed at once."""
    ours, its = os.openpty()
    shown = []

    def read():
        try:
            while piece := os.read(ours, 65536):
                shown.append(piece)
        except OSError:
            pass   # The terminal is closed when the program has ended.

    os.write(ours, answer.encode())
    reader = threading.Thread(target=read)
    reader.start()
    try:
        done = subprocess.run([binary(), *map(str, args)], stdin=its, stdout=its, stderr=its, timeout=120,
                              env=clean_environment({**env, "TERM": "xterm", "COLUMNS": str(columns), "LINES": "40"}))
    finally:
        os.close(its)
        reader.join(10)
        os.close(ours)
    text = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", b"".join(shown)).decode(errors="replace")
    assert done.returncode == expect, text
    return text
