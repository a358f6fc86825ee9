"""On a terminal each step names the next one, ready to paste; elsewhere nothing of the kind is said."""

import re
import shlex

from harness.terminal import on_a_terminal


def next_command(text: str) -> list:
    found = re.search(r"^  next +(yb-voyager .*?)\r?$", text, re.MULTILINE)
    assert found, text
    return shlex.split(found[1])[1:]


def test_the_next_command_runs_as_it_stands(migration):
    """From the assessment to the analysis, pasting what was shown."""
    migration.source.sql("CREATE TABLE t (id int PRIMARY KEY)")
    place = ["--export-dir", migration.export_dir]
    shown = on_a_terminal(["assess-migration", *place, *migration.source_flags(), "--iops-capture-interval", 0, "--yes", "--primary-only",
                           "--target-db-version", "2025.2.3.0"], migration.env)
    assert "Migration assessment completed: " in shown
    command = next_command(shown)
    assert command[:2] == ["export", "schema"] and "--source-db-host" in command
    command = next_command(on_a_terminal(command, migration.env))
    assert command[0] == "analyze-schema"
    assert next_command(on_a_terminal([*command, "--yes"], migration.env))[:2] == ["import", "schema"]


def test_a_plain_target_has_nothing_to_analyse(migration):
    migration.source.sql("CREATE TABLE t (id int PRIMARY KEY)")
    shown = on_a_terminal(["export", "schema", "--export-dir", migration.export_dir, *migration.source_flags(), "--target-db-type", "postgresql"],
                          migration.env)
    command = next_command(shown)
    assert command[:2] == ["import", "schema"]
    assert command[command.index("--target-db-type") + 1] == "postgresql"
    assert not any("password" in word for word in command)
