"""Each command that a message prints is pasted, as it stands and where it was printed: the cases are in messages/*.txt."""

import os
import re
import secrets
import shlex
import signal
import socket
import subprocess

import pytest

from harness import afterwards, printed_commands
from harness.application import wait_for
from harness.cluster import Cluster, free_port
from harness.mariadb import MySqlMigration
from harness.migration import REPOSITORY, Migration, Result, binary, clean_environment, run
from harness.proxy import Proxy

CATALOGUE = re.findall(r'^      \{"([A-Z]{3}-[0-9]{3})"', (REPOSITORY / "src/cli/error_catalogue.cc").read_text(), re.MULTILINE)
# Commands that are for one database or for both; everything else has only the export directory.
NO_DIRECTORY = ("help", "explain", "version")
SOURCE = ("export schema", "export data", "export data from source", "copy data", "verify", "assess-migration", "check")
TARGET = ("import schema", "import data", "import data to target", "import data file", "copy data", "verify", "check", "finalize-schema-post-data-import", "compare-performance")


SETTINGS = {"wal_level": "logical", "max_replication_slots": 30, "max_wal_senders": 30, "shared_preload_libraries": "pg_stat_statements", "pg_stat_statements.max": 50000}
# Users of the source besides the one that everything is open to: `asks` has a password, `weak` no rights; others are not let in.
HBA = """local all all trust
host all postgres,weak 127.0.0.1/32 trust
host replication postgres 127.0.0.1/32 trust
host all asks 127.0.0.1/32 scram-sha-256
"""


@pytest.fixture(scope="module")
def logical_cluster():
    with Cluster("messages", settings=SETTINGS, hba=HBA) as cluster:
        cluster.socket_db().sql("CREATE ROLE asks LOGIN SUPERUSER PASSWORD 'right'; CREATE ROLE weak LOGIN; CREATE ROLE kept_out LOGIN SUPERUSER")
        yield cluster


def codes(text: str) -> tuple:
    """Of a step: "" is 0, "1,7" is one of both."""
    return tuple(int(code) for code in (text or "0").split(","))


class Case:
    """Runs the steps of one case. What was printed is looked up in what was said last, then in what was said before."""

    def __init__(self, who, steps, migration):
        self.who, self.steps, self.migration, self.said, self.running, self.proxy, self.at = who, steps, migration, [], {}, None, 0

    def line(self, text: str) -> list:
        """The command line of a step: what it names, with the flags that every such command has unless the step gives them. As
        it stands behind "="."""
        if text.startswith("="):
            return shlex.split(text[1:])
        args = shlex.split(text)
        words = " ".join(printed_commands.words_of(args))
        own = [*(self.migration.source_flags() if words in SOURCE else []), *(self.migration.target_flags() if words in TARGET else [])]
        if words == "export schema":
            own += self.migration.target_type()
        if "--config-file" not in args and args[0] not in NO_DIRECTORY:
            own += ["--export-dir", self.migration.export_dir]
        pairs = [(own[i], own[i + 1]) for i in range(0, len(own), 2) if own[i] not in args]
        return [*args, *(str(part) for pair in pairs for part in pair)]

    def filled(self, text: str) -> str:
        """$E: the export directory, $F: the folder that it is in, $N: the source's database, $D: the folder of its server, $P:
        the port of that."""
        source = self.migration.source
        places = {"$E": self.migration.export_dir, "$F": self.migration.folder, "$N": source.name, "$P": source.port, 
                  "$D": getattr(getattr(source, "cluster", None), "data", "")}
        for word, place in places.items():
            text = text.replace(word, str(place))
        return text

    def note(self, done: Result):
        self.said.append(done)
        return printed_commands.situations(done.args, done.out, done.err)

    def pasted_from(self, name: str) -> set:
        """What later steps paste of the words of a process that runs, up to where it is looked at again."""
        who, found = " ".join(printed_commands.words_of(list(map(str, self.running[name].args)))), set()
        for verb, _, text in self.steps[self.at + 1:]:
            if (verb, text) == ("said", name):
                break
            if verb in printed_commands.PASTING and printed_commands.pasted(self.who, text)[0] == who:
                found.add(printed_commands.pasted(self.who, text)[:2])
        return found

    def run(self):
        for self.at, step in enumerate(self.steps):
            if step[0] not in ("from", "long"):
                self.step(*step)

    def step(self, verb: str, more: str, text: str):
        text = self.filled(text)
        side = {"source": self.migration.source, "target": self.migration.target}.get(verb if verb in ("source", "target") else more)
        if verb in ("source", "target"):
            side.sql(text)
        elif verb == "expect":
            query, wanted = text.rsplit(" -> ", 1)
            assert side.value(query) == wanted, text
        elif verb == "until" and more == "sh":
            self.wait(lambda: subprocess.run(["sh", "-c", text], capture_output=True, timeout=60, env=self.environment()).returncode == 0, text)
        elif verb == "until" and more in self.running:
            self.wait(lambda: text in self.running[more].err_so_far(), text)
        elif verb == "until":
            self.wait(lambda: side.value(text) == "t", text)
        elif verb == "env":
            name, value = text.split("=", 1)
            self.migration.env[name] = value
        elif verb == "sh":
            subprocess.run(["sh", "-ec", text], check=True, env=self.environment(), cwd=self.migration.folder, timeout=60)
        elif verb == "slow":   # It gives so many bytes a second.
            self.proxy = Proxy(side.port, rate=int(text))
            self.migration.source_port = self.proxy.port
        elif verb == "away":   # Nobody listens at the address until it is back.
            self.proxy = Proxy(side.port)
            self.migration.source_port = self.proxy.port
            self.proxy.close()
        elif verb == "silent":   # Connections are taken, and nobody answers.
            self.proxy = socket.create_server(("127.0.0.1", free_port()))
            self.migration.source_port = self.proxy.getsockname()[1]
        elif verb == "back":
            self.proxy.close()
            self.proxy = Proxy(side.port, port=self.migration.source_port)
        elif verb == "flow":   # Both halves of a live migration, until changes flow.
            self.step("run", "", "export schema")
            self.step("run", "", "import schema")
            exports, imports = ("export data from source", "import data to target") if text == "other names" else ("export data", "import data")
            self.step("start", "export", f"{exports} --export-type snapshot-and-changes --yes")
            self.step("start", "import", f"{imports} --yes")
            self.step("until", "export", "Streaming changes")
            self.step("until", "import", "Applying changes")
        elif verb == "start":
            self.running[more] = self.migration.start(*self.line(text))
        elif verb == "stop":
            process = self.running.pop(text)
            assert process.running(), f"{text} has ended by itself\n{process.err_so_far()}"
            self.is_over(process.err_so_far())
            process.kill()
            process.process.wait()
        elif verb == "end":
            done = self.running.pop(text).finish()
            assert done.code in codes(more), str(done)
            self.note(done)
            if done.code == 0:
                self.is_over(done.text)
        elif verb == "said":   # What a running one has shown, with all that is pasted from it.
            process, wanted = self.running[text], self.pasted_from(text)
            shown = lambda: Result(list(map(str, process.args)), 0, "", process.err_so_far())  # noqa: E731
            self.wait(lambda: wanted <= set(self.note(shown())), f"{text} shows {wanted}")
        elif verb == "broke":   # One that was started ends with the message.
            done = self.running.pop(text).finish()
            assert done.code in codes(more) and self.who in {who for who, _ in self.note(done)}, str(done)
        elif verb == "begin":   # Pasted where it goes on until it is stopped.
            words, flags = printed_commands.parts(self.printed(text))
            self.running[more] = self.migration.start(*words, *flags)
        elif verb == "run":
            self.note(self.migration.command(*self.line(text), expect=codes(more)))
        elif verb == "told":
            done = self.migration.command(*self.line(text), expect=codes(more))
            printed = self.note(done)
            assert self.who in {who for who, _ in printed}, f"{self.who} prints nothing here\n{done}"
        else:
            assert verb == "paste", f"no such step: {verb}"
            self.paste(codes(more), text)

    def wait(self, condition, what: str):
        try:
            wait_for(condition, what)
        except AssertionError as fault:
            shown = "\n".join(f"{name}:\n{process.err_so_far()[-2000:]}" for name, process in self.running.items())
            raise AssertionError(f"{fault}\n{shown}") from None

    def environment(self) -> dict:
        path = f"{binary().parent}:{os.environ['PATH']}"
        return clean_environment({**self.migration.env, "PATH": path})

    def is_over(self, text: str):
        """What the command was printed for: the same refusal does not come again."""
        if re.fullmatch("[A-Z]{3}-[0-9]{3}", self.who):
            assert f"[{self.who}]" not in text and f'"{self.who}"' not in text, text

    def printed(self, text: str) -> str:
        who, kind, added = printed_commands.pasted(self.who, text)
        command = next((found[(who, kind)] for done in reversed(self.said)
                        if (who, kind) in (found := printed_commands.situations(done.args, done.out, done.err))), None)
        assert command, f"{who} has not printed '{kind}':\n" + "\n".join(map(str, self.said[-2:]))
        return f"{command} {added}".strip()

    def paste(self, wanted: tuple, text: str):
        command = self.printed(text)
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, env=self.environment(), cwd=self.migration.folder, timeout=120)
        words, flags = printed_commands.parts(command)
        result = Result([*words, *flags], done.returncode, done.stdout, done.stderr)
        afterwards.note(result)
        assert done.returncode in wanted, f"{command}\n{result}"
        self.is_over(result.text)
        printed_commands.check_text(binary(), result.args, result.out, result.err, env=clean_environment(), cwd=self.migration.folder)
        self.note(result)


@pytest.fixture
def migration_of(logical_cluster, folder, request):
    """Makes the migration of a case between two empty databases."""
    made = []

    def make(steps):
        name = f"messages_{secrets.token_hex(4)}"
        server = request.getfixturevalue("mariadb_server") if any(verb == "from" for verb, _, _ in steps) else logical_cluster
        source, target = server.create(name), logical_cluster.create(f"{name}_t")
        made.extend([(server, name, {}), (logical_cluster, f"{name}_t", {"slots": True})])
        if server is logical_cluster:
            made[0][2]["slots"] = True
            return Migration(source, target, folder)
        return MySqlMigration(source, target, folder)

    yield make
    for server, name, how in made:
        server.drop(name, **how)


CASES = [pytest.param(case, id=f"{case[0]} {case[1]}", marks=[pytest.mark.long] if any(verb == "long" for verb, _, _ in case[2]) else [])
         for case in printed_commands.cases()]


@pytest.mark.parametrize("case", CASES)
def test_what_is_printed_works(case, migration_of):
    who, _, steps = case
    assert any(verb in printed_commands.PASTING for verb, _, _ in steps), "nothing is pasted"
    one = Case(who, steps, migration_of(steps))
    try:
        one.run()
    finally:
        for process in one.running.values():
            process.kill(signal.SIGKILL)
            process.process.wait()
        if one.proxy:
            one.proxy.close()


def test_every_code_is_tried_or_it_is_said_why_not():
    known = printed_commands.tried() | set(printed_commands.elsewhere()) | set(printed_commands.not_tried())
    assert sorted(set(CATALOGUE) - {who for who, _ in known}) == []
    assert len(CATALOGUE) > 90


def test_what_is_pasted_stands_in_one_list():
    lists = [printed_commands.tried(), set(printed_commands.elsewhere()), set(printed_commands.not_tried())]
    assert sum(map(len, lists)) == len(set().union(*lists))


@pytest.mark.parametrize("pair", printed_commands.elsewhere(), ids=" ".join)
def test_who_is_named_pastes_it(pair):
    who, kind = pair
    text = (REPOSITORY / printed_commands.elsewhere()[pair]).read_text()
    assert re.search(rf'printed_in\([^"]+, "{re.escape(who)}", "{re.escape(kind)}"\)', text), f"{pair} is not pasted there"
