"""The demonstration behind scripts/demo --live: a shop moves to another server, and back, while it is open."""

import itertools
import re
import shlex
import subprocess
import sys
import threading
import time

from demo import PASSWORD, say, servers, voyager
from harness.migration import binary, clean_environment

LOGICAL = {"wal_level": "logical"}


class Shop(threading.Thread):
    """The application: orders, payments and visits, all the time, on one side or the other."""

    def __init__(self, database, where):
        super().__init__(daemon=True)
        self.database, self.where, self.closing, self.changes = database, where, threading.Event(), 0
        say(f"The application writes to the {where}")
        self.start()

    def run(self):
        for n in itertools.count():
            if self.closing.is_set():
                return
            self.database.sql(f"""
                INSERT INTO orders (customer, amount, note) SELECT 1 + (random() * 19999)::int, 20, 'from the {self.where}' FROM generate_series(1, 5);
                UPDATE orders SET amount = amount + 1 WHERE id = {1 + n * 37 % 100000};
                UPDATE customer SET mail = NULL WHERE id = {1 + n % 900}; UPDATE customer SET mail = 'moved-{n % 900}@example.com' WHERE id = {1001 + n % 900};
                INSERT INTO visit VALUES (now(), 'page {n % 50}');
                DELETE FROM visit WHERE ctid = (SELECT min(ctid) FROM visit)""")
            self.changes += 10
            time.sleep(0.02)

    def close(self):
        self.closing.set()
        self.join()
        say(f"The application has stopped; it has made {self.changes} changes on the {self.where}")


class Terminal:
    """A command that goes on: what it says stands behind its name, as in a window of its own. At a cutover it gets another name."""

    def __init__(self, *args):
        self.name = " ".join(args[:2])
        say("$ yb-voyager " + shlex.join(map(str, args)) + "     # in a terminal of its own")
        env = clean_environment({"SOURCE_DB_PASSWORD": PASSWORD, "TARGET_DB_PASSWORD": PASSWORD})
        self.process = subprocess.Popen([binary(), *map(str, args)], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)
        self.heard = ""
        self.ears = threading.Thread(target=self.listen, daemon=True)
        self.ears.start()

    def listen(self):
        for line in self.process.stdout:
            self.heard += line
            print(f"    [{self.name}] {line}", end="", file=sys.stderr, flush=True)
            if successor := re.search(r"goes on as:.* yb-voyager ([a-z ]+?) --", line):
                self.name = successor[1]

    def end(self):
        code = self.process.wait(60)
        self.ears.join()
        if code != 0:
            sys.exit(f"demo: {self.name} ended with exit code {code}")


def wait_for(condition, what, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"demo: did not happen in {seconds} s: {what}")
        time.sleep(0.2)


def cutover(side, config, *extra):
    voyager("initiate", "cutover", "to", side, "--config-file", config, "--yes", *extra)
    say("Waiting until cutover status says COMPLETED")
    env = clean_environment({})
    status = [binary(), "cutover", "status", "--config-file", config]

    def completed():
        lines = subprocess.run(status, env=env, capture_output=True, text=True).stdout.splitlines()
        return any(line.split()[2:4] == [side, "COMPLETED"] for line in lines if "→" in line or "->" in line)
    begun = time.monotonic()
    wait_for(completed, f"the cutover to the {side}")
    voyager("cutover", "status", "--config-file", config)
    say(f"The {side} has taken over, {time.monotonic() - begun:.1f} s after it was asked for")


SECTIONS = """\
export-data-from-source:
  export-type: snapshot-and-changes
initiate-cutover-to-target:
  prepare-for-fall-back: true
"""


def main():
    terminals = []
    with servers(["tools/demo_live.sql"], "public", SECTIONS, settings=LOGICAL, megabytes=15) as (source, target, config):
        try:
            voyager("export", "schema", "--config-file", config, "--target-db-type", "postgresql")
            voyager("import", "schema", "--config-file", config)
            shop = Shop(source, "source")
            terminals.append(Terminal("export", "data", "from", "source", "--config-file", config, "--yes"))
            terminals.append(Terminal("import", "data", "to", "target", "--config-file", config))
            wait_for(lambda: "Applying changes" in terminals[1].heard, "the rows are on the target")
            say("The rows are there, and changes follow within a moment. Are both sides equal, while the application writes?")
            unsettled = voyager("verify", "--config-file", config, expect=(0, 9))
            say("What would a cutover find?")
            voyager("initiate", "cutover", "to", "target", "--config-file", config, "--dry-run", "true", expect=(0, 6))
            shop.close()
            if unsettled:
                say("On this busy machine some rows had changed each time they were compared. Now that nobody writes:")
                voyager("verify", "--config-file", config)
            cutover("target", config, "--require-verified", "true")
            shop = Shop(target, "target")
            time.sleep(3)
            wait_for(lambda: int(source.value("SELECT count(*) FROM orders WHERE note = 'from the target'")) > 100, "changes flow back")
            say("The source follows the target now: orders that were made on the target are on the source already: " +
                source.value("SELECT count(*) FROM orders WHERE note = 'from the target'"))
            voyager("get", "data-migration-report", "--config-file", config)
            say("Something is not as it should be on the target: back to the source, with all that was written meanwhile")
            shop.close()
            cutover("source", config)
            for terminal in terminals:
                terminal.end()
            source.sql("INSERT INTO orders (customer, amount, note) VALUES (1, 1, 'the source is open again')")
            source.sql("DELETE FROM orders WHERE note = 'the source is open again'")
            voyager("verify", "--config-file", config, "--rows-only", "true")
            voyager("end", "migration", "--config-file", config, "--yes")
        finally:
            for terminal in terminals:
                if terminal.process.poll() is None:
                    terminal.process.kill()
                    terminal.process.wait()


if __name__ == "__main__":
    main()
