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

pytestmark = pytest.mark.long


@pytest.fixture(autouse=True)
def what_it_needs():
    """Who asks for these tests wants to know that the packages work: what is missing is a failure."""
    missing = [tool for tool in ("debootstrap", "rpm") if not shutil.which(tool)]
    assert not missing, f"not installed: {missing}"
    assert os.geteuid() == 0, "a new system is made by root"


def package(pattern):
    found = sorted(FOLDER.glob(pattern), key=lambda p: p.stat().st_mtime)
    assert found, f"{FOLDER} has no {pattern}: `scripts/check packages` makes all, each where it can be made"
    return found[-1]


@pytest.mark.parametrize("suite,pattern", CASES, ids=lambda value: value.strip("*."))
def test_it_moves_a_database(suite, pattern):
    file = package(pattern)
    done = subprocess.run([REPOSITORY / "tools/fresh_chroot", suite, "--with", file, "--with", REPOSITORY / "tests/packages/use",
                           "./use", file.name, str(free_port())], capture_output=True, text=True, timeout=1500)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_the_rpm_asks_for_the_c_library_only():
    asked = subprocess.run(["rpm", "-qp", "--requires", package("*.rpm")], check=True, capture_output=True, text=True).stdout
    assert [line for line in asked.splitlines() if not line.startswith("rpmlib(")] == ["libc.so.6(GLIBC_2.36)(64bit)"]
