"""The users' document, word for word: every command line runs, in the order in which it stands there."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from harness.cluster import Cluster
from harness.migration import REPOSITORY, Migration, assert_same_rows, binary, clean_environment, run

HERE = Path(__file__).parent
DOCUMENT = HERE / "offline-migration.txt"


def command_lines(text: str) -> list[str]:
    """Each command on one line, continuation lines joined."""
    return [re.sub(r"\s*\\\n\s*", " ", block).strip()
            for block in re.findall(r"^yb-voyager (?:.*\\\n)*.*$", text, re.M)]


def documented_port(wanted: int) -> int:
    """The default port, so that the document's lines need no port; 0 (any free one) when somebody has it."""
    import socket
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", wanted))
            return wanted
        except OSError:
            return 0


@pytest.fixture
def servers():
    with Cluster("doc-source", port=documented_port(5432)) as one, Cluster("doc-target", port=documented_port(5433)) as two:
        yield one, two


def test_every_command_line_runs(servers, folder):
    source_server, target_server = servers
    source, target = source_server.create("shop"), target_server.create("target_db_name")
    source.load(HERE / "awkward.sql")
    source.sql("CREATE USER mover SUPERUSER PASSWORD 'it''s secret'")
    target.sql("CREATE USER ybvoyager SUPERUSER PASSWORD 'password'")
    export_dir, backup_dir = folder / "export-dir", folder / "backup"
    export_dir.mkdir(), backup_dir.mkdir()
    values = {
        "FORMAT": "html", "EXPORT_DIR": str(export_dir), "BACKUP_DIR": str(backup_dir), "NUMBER_OF_JOBS": "2",
        "true, false, yes, no, 1, 0": "yes",
        "SOURCE_DB_TYPE": "postgresql", "SOURCE_DB_HOST": "127.0.0.1", "SOURCE_DB_USER": "mover",
        "SOURCE_DB_PASSWORD": "it's secret", "SOURCE_DB_NAME": "shop", "SOURCE_DB_SCHEMA": "public,sales",
        "TARGET_DB_HOST": "127.0.0.1", "TARGET_DB_USER": "ybvoyager", "TARGET_DB_PASSWORD": "password",
        "TARGET_DB_NAME": "target_db_name",
    }
    for line in command_lines(DOCUMENT.read_text()):
        args = shlex.split(re.sub(r"<([^>]+)>", lambda m: shlex.quote(values[m[1]]), line))[1:]
        if "--source-db-host" in args and source.port != 5432:
            args += ["--source-db-port", str(source.port)]
        if "--target-db-host" in args and target.port != 5433:
            args += ["--target-db-port", str(target.port)]
        if args[0] == "end":
            assert_same_rows(source, target)
            Migration(source, target, folder, schemas="public,sales").verify()
        if args[0] in ("end", "analyze-schema"):
            args += ["--yes"]  # The document's reader answers a question here.
        run(*args, env={"TARGET_DB_PASSWORD": "password"} if args[0] == "end" else None)

    assert (backup_dir / "reports/schema_analysis_report.html").exists()
    assert target.value("SELECT to_regnamespace('ybvoyager_metadata') IS NULL") == "t"
    kept = {p.relative_to(backup_dir).parts[0] for p in backup_dir.rglob("*") if p.is_file()}
    assert {"data", "schema", "logs", "reports"} <= kept
    assert not (export_dir / "metainfo" / "meta.db").exists()
    # The document's last words: the user can be dropped.
    target.sql("REASSIGN OWNED BY ybvoyager TO postgres; DROP OWNED BY ybvoyager; DROP USER ybvoyager;")


def test_our_copy_of_the_lines_is_the_documents():
    seeds = Path(os.environ.get("VOY_SHARED", REPOSITORY.parent / "shared")) / "seeds"
    found = [p for p in seeds.glob("*.txt") if "headerTitle: Offline migration" in p.read_text()] if seeds.is_dir() else []
    if not found:
        pytest.skip(f"{seeds} is not here (set VOY_SHARED)")
    text = found[0].read_text()
    blocks = [without_notes(block) for block in re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)]
    inline = re.findall(r"`(yb-voyager [a-z ]+ --export-dir <EXPORT_DIR>)`", text)
    wanted = {normal(c) for c in blocks + inline if c.startswith("yb-voyager")}
    assert {normal(c) for c in command_lines(DOCUMENT.read_text())} == wanted


def as_pasted(text) -> list:
    """The command lines of a document as a shell gets them: with what stands behind a backslash."""
    out = []
    lines = iter(text.splitlines())
    for line in lines:
        found = re.match(r"\s*(yb-voyager [a-z].*)", line)
        if not found or not re.search(r" --|status$", found[1]) or "`" in line:
            continue
        command = found[1]
        while command.endswith("\\"):
            command = command[:-1] + next(lines).strip()
        out.append(command)
    return out


def test_lines_of_the_documents_as_they_are_pasted(folder):
    """In bash, remarks and all: each is understood as a command line, or it is told what in it has to be removed."""
    seeds = Path(os.environ.get("VOY_SHARED", REPOSITORY.parent / "shared")) / "seeds"
    lines = {line for p in seeds.glob("*.txt") for line in as_pasted(p.read_text())} if seeds.is_dir() else set()
    if not lines:
        pytest.skip(f"{seeds} is not here (set VOY_SHARED)")
    (folder / "dir").mkdir()
    config = folder / "c.yaml"
    config.write_text(f"""export-dir: {folder}/dir
source: {{db-type: postgresql, db-host: 127.0.0.1, db-port: 1, db-user: u, db-name: n, db-schema: s}}
target: {{db-host: 127.0.0.1, db-port: 1, db-user: u, db-name: n}}
archive-changes: {{policy: delete}}
end-migration: {{backup-schema-files: false, backup-data-files: false, save-migration-reports: false, backup-log-files: false}}
""")
    places = {"<path-to-config-file>": config, "<EXPORT_DIR>": folder / "dir", "<EXPORT-DIR>": folder / "dir", "/path/to/export/dir": folder / "dir",
              "/path/to/assessment_metadata_dir": folder, "<DESTINATION-DIR>": folder, "<BACKUP_DIR>": folder, "<FORMAT>": "json",
              "<SOURCE_DB_TYPE>": "postgresql", "hostname": "127.0.0.1", "<true, false, yes, no, 1, 0>": "true"}
    remarked = 0
    for line in sorted(lines):
        pasted = line
        for place, real in places.items():
            pasted = pasted.replace(place, str(real))
        pasted = re.sub(r"<(SOURCE|TARGET)_DB_HOST>", "127.0.0.1", pasted)
        pasted = re.sub(r"<[A-Za-z_-]+>", "x", pasted)
        done = subprocess.run(["bash", "-c", pasted.replace("yb-voyager", str(binary()), 1)], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=60, env=clean_environment({"PGCONNECT_TIMEOUT": "2"}))
        if "\\ #" in line:
            remarked += 1
            assert done.returncode == 2 and "breaks off at a comment" in done.stderr, (pasted, done.stderr)
        else:
            assert done.returncode in (4, 5, 7, 10) or "--backup-dir is needed" in done.stderr, (pasted, done.returncode, done.stderr)
    assert remarked >= 5 and len(lines) > 25, lines


def without_notes(text: str) -> str:
    """Drops remarks, and the flags that are remarked to be for other products."""
    kept = [line for line in text.splitlines() if "MySQL and Oracle only" not in line]
    return "\n".join(re.sub(r"(^|\s+)#.*", "", line) for line in kept).strip()


def normal(line: str) -> str:
    return " ".join(line.replace("\\", " ").split())
