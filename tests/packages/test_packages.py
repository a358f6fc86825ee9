"""The packages of scripts/package, each installed into a new minimal Debian and used there. VOY_PACKAGES is their folder."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from harness.cluster import free_port
from harness.migration import REPOSITORY

FOLDER = Path(os.environ.get("VOY_PACKAGES", REPOSITORY / "build/packages"))
# What each is for. A Debian's .deb takes libraries of that Debian.
CASES = [("bookworm", "*debian12*.deb"), ("bookworm", "*.tar.gz"), ("trixie", "*debian13*.deb"), ("trixie", "*.tar.gz"),
         ("sid", "*.tar.gz"), ("bookworm", "*.rpm")]

pytestmark = [pytest.mark.long, pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("debootstrap"), reason="needs root and debootstrap")]


def package(pattern):
    found = sorted(FOLDER.glob(pattern), key=lambda p: p.stat().st_mtime)
    if not found:
        pytest.skip(f"{FOLDER} has no {pattern}: scripts/package makes it")
    return found[-1]


@pytest.mark.parametrize("suite,pattern", CASES, ids=lambda value: value.strip("*."))
def test_it_moves_a_database(suite, pattern):
    file = package(pattern)
    done = subprocess.run([REPOSITORY / "tools/fresh_chroot", suite, "--with", file, "--with", REPOSITORY / "tests/packages/use",
                           "./use", file.name, str(free_port())], capture_output=True, text=True, timeout=1500)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_the_rpm_asks_for_the_c_library_only():
    if not shutil.which("rpm"):
        pytest.skip("rpm is not installed")
    asked = subprocess.run(["rpm", "-qp", "--requires", package("*.rpm")], check=True, capture_output=True, text=True).stdout
    assert [line for line in asked.splitlines() if not line.startswith("rpmlib(")] == ["libc.so.6(GLIBC_2.36)(64bit)"]
