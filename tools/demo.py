"""The demonstration behind scripts/demo."""

import contextlib
import os
import secrets
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "tests"))
from harness.cluster import Cluster  # noqa: E402
from harness.migration import binary, clean_environment  # noqa: E402

PASSWORD = secrets.token_hex(8)   # Nobody asks for it; without one the program would ask you.


def say(text: str):
    bold = ("\033[1m", "\033[0m") if sys.stderr.isatty() and not os.environ.get("NO_COLOR") else ("", "")
    print(f"\n{bold[0]}{text}{bold[1]}", file=sys.stderr, flush=True)


def voyager(*args, expect=(0,)):
    """Runs one command before the viewer's eyes; its exit code."""
    say("$ yb-voyager " + shlex.join(map(str, args)))
    env = clean_environment({"SOURCE_DB_PASSWORD": PASSWORD, "TARGET_DB_PASSWORD": PASSWORD})
    for key in ("NO_COLOR", "TERM", "COLUMNS", "LINES"):
        if key in os.environ:
            env[key] = os.environ[key]
    done = subprocess.run([binary(), *map(str, args)], env=env)
    if done.returncode not in expect:
        sys.exit(f"demo: this ended with exit code {done.returncode}")
    return done.returncode


@contextlib.contextmanager
def servers(files, schemas, sections, settings={}, megabytes=0):
    """A shop on one throw-away server, an empty database on another, and what all commands share in one file. At the end the
    servers are gone, and it is said where the reports are."""
    begun = time.monotonic()
    place = Path(tempfile.mkdtemp(prefix="yb-voyager-demo-"))
    export_dir, backup, config = place / "export-dir", place / "backup", place / "demo.yaml"
    export_dir.mkdir(), backup.mkdir()
    say(f"Starting two throw-away servers and filling the source (about {megabytes} MB)")
    with Cluster("demo-source", settings=settings) as source_server, Cluster("demo-target", settings=settings) as target_server:
        source, target = source_server.create("shop"), target_server.create("shop")
        for file in files:
            source.load(REPOSITORY / file)
        source.sql("ANALYZE")
        config.write_text(f"""\
export-dir: {export_dir}
source:
  db-type: postgresql
  db-host: 127.0.0.1
  db-port: {source.port}
  db-user: postgres
  db-name: shop
  db-schema: {schemas}
target:
  db-type: postgresql
  db-host: 127.0.0.1
  db-port: {target.port}
  db-user: postgres
  db-name: shop
end-migration:
  backup-schema-files: true
  backup-data-files: false
  save-migration-reports: true
  backup-log-files: true
  backup-dir: {backup}
{sections}""")
        yield source, target, config
    say(f"Done in {time.monotonic() - begun:.0f} s. The servers are gone.")
    print(f"reports, logs and schema: {backup}", file=sys.stderr)


def main():
    sections = "finalize-schema-post-data-import:\n  refresh-mviews: true\n"
    with servers(["tests/scenario/awkward.sql", "tools/demo.sql"], "public,sales", sections, megabytes=340) as (_, _, config):
        say("What would a move to YugabyteDB take?")
        voyager("assess-migration", "--config-file", config, "--target-db-type", "yugabytedb", "--iops-capture-interval", "0", "--yes")
        say("Here the target is PostgreSQL")
        voyager("export", "schema", "--config-file", config)
        voyager("import", "schema", "--config-file", config)
        voyager("export", "data", "--config-file", config)
        voyager("export", "data", "status", "--config-file", config)
        voyager("import", "data", "--config-file", config)
        voyager("import", "data", "status", "--config-file", config)
        voyager("finalize-schema-post-data-import", "--config-file", config)
        voyager("verify", "--config-file", config)
        voyager("end", "migration", "--config-file", config, "--yes")


if __name__ == "__main__":
    main()
