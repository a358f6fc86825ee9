"""Who builds without what the program needs is told what is missing and what to do."""

import subprocess

from harness.migration import REPOSITORY


def test_what_is_missing_is_named(folder):
    done = subprocess.run(["cmake", "-S", REPOSITORY, "-B", folder / "build", "-G", "Ninja", "-DCMAKE_DISABLE_FIND_PACKAGE_yaml-cpp=ON",
                           "-DCMAKE_DISABLE_FIND_PACKAGE_benchmark=ON"], capture_output=True, text=True, timeout=120)
    assert done.returncode != 0
    said = " ".join(done.stderr.split())
    assert "are missing: yaml-cpp benchmark." in said and "run scripts/setup" in said and "README.md" in said, done.stderr
