"""The manual pages: one a command, as the program's help says, and without a fault of form."""

import importlib.machinery
import importlib.util
import shutil
import subprocess

import pytest

from harness.migration import REPOSITORY, binary


@pytest.fixture(scope="module")
def pages():
    loader = importlib.machinery.SourceFileLoader("man_pages", str(REPOSITORY / "tools/man_pages"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module.pages(str(binary()))


def linted(text):
    return subprocess.run(["mandoc", "-Tlint", "-Wwarning"], input=text, capture_output=True, text=True).stdout


@pytest.mark.skipif(not shutil.which("mandoc"), reason="mandoc is not installed (scripts/setup)")
def test_they_have_no_fault_of_form(pages):
    assert {name: said for name, text in pages.items() if (said := linted(text))} == {}
    assert linted(pages["yb-voyager.1"] + ".NO SUCH\n"), "the check itself works"


def test_every_command_and_flag_has_its_place(pages):
    assert {"yb-voyager.1", "yb-voyager-export-data.1", "yb-voyager-end-migration.1"} <= set(pages)
    page = pages["yb-voyager-import-data.1"].replace("\\-", "-")
    assert "\\fB--batch-size N\\fR" in page and "\\fB-e, --export-dir PATH\\fR" in page
    assert "\n.SH EXAMPLES\n" in page and "yb-voyager-import-data.1" not in page
    main = pages["yb-voyager.1"].replace("\\-", "-")
    assert all(f".BR {name.removesuffix('.1')} (1)" in main for name in pages if name != "yb-voyager.1")
    assert ".B 143" in main


def test_no_word_of_the_help_is_a_request(pages):
    """A text that begins with a dot or a quote would vanish."""
    known = (".TH", ".SH", ".SS", ".TP", ".PP", ".B ", ".BR", ".I ", ".br", ".nf", ".fi", ".RS", ".RE")
    wrong = [line for text in pages.values() for line in text.splitlines() if line.startswith((".", "'")) and not line.startswith(known)]
    assert wrong == []
