"""What the programs of a test have said and logged, for the report of one that fails. pytest cuts the values of an assertion, and
the export directory is gone when somebody reads the report."""

from collections import deque
from pathlib import Path

LINES = 100           # of a program's standard error
LINES_OF_A_LOG = 30
ENDED = 8             # programs that are shown beside those that still run

running, failed, succeeded, directories = [], deque(maxlen=ENDED - 2), deque(maxlen=2), set()


def begin():
    """A new test."""
    running.clear()
    failed.clear()
    succeeded.clear()
    directories.clear()


def began(process):
    """A `Running`."""
    running.append(process)
    for flag, value in zip(process.args, process.args[1:]):
        if flag == "--export-dir":
            directories.add(Path(value))


def ended(process, result):
    if process in running:   # Its result can be asked for again.
        running.remove(process)
        note(result)


def note(result):
    (failed if result.code else succeeded).append(result)


def tail(text: str, lines: int) -> str:
    found = text.splitlines()
    return "\n".join([f"({len(found) - lines} lines before)", *found[-lines:]] if len(found) > lines else found)


def sections() -> list[tuple[str, str]]:
    """Title and text."""
    found = [(f"{one.title} -> {one.code}", tail(one.err or one.out, LINES)) for one in (*succeeded, *failed)]
    for process in running:
        code = process.process.poll()
        found.append((f"{process.title} -> {'still running' if code is None else code}", tail(process.err_so_far(), LINES)))
    for folder in sorted(directories):
        for log in sorted(folder.glob("**/logs/*")):
            if log.is_file():
                found.append((f"{log.relative_to(folder)}", tail(log.read_text(errors="replace"), LINES_OF_A_LOG)))
    return found
