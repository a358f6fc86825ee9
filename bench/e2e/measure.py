"""Running a contender and saying what it cost."""

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path


def machine_cpu_seconds() -> float:
    """Processor time that this machine has spent so far on anything but idling."""
    user, nice, system, _idle, _wait, irq, soft = map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:8])
    return (user + nice + system + irq + soft) / os.sysconf("SC_CLK_TCK")


@dataclass
class Cost:
    seconds: float = 0
    own_cpu: float = 0        # Processor seconds of our program (and of its children).
    all_cpu: float = 0        # Of the whole machine.
    rss_mib: float = 0        # Largest resident size of our program.

    def __add__(self, other):
        return Cost(self.seconds + other.seconds, self.own_cpu + other.own_cpu, self.all_cpu + other.all_cpu,
                    max(self.rss_mib, other.rss_mib))


class Started:
    """A process whose own cost is read when it ends."""

    def __init__(self, command, env, log: Path):
        self.command, self.log = command, log
        with open(log, "ab") as out:
            self.process = subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env)

    def finish(self, codes=(0,)) -> Cost:
        """`codes`: exit codes that are a good end."""
        _, status, used = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        if self.process.returncode not in codes:
            raise SystemExit(f"bench: {' '.join(map(str, self.command))} ended with {self.process.returncode}\n"
                             + self.log.read_text(errors="replace")[-3000:])
        return Cost(own_cpu=used.ru_utime + used.ru_stime, rss_mib=used.ru_maxrss / 1024)


class Watch:
    """Time and processor of a block."""

    def __enter__(self):
        self._cpu, self._begun = machine_cpu_seconds(), time.monotonic()
        self.cost = Cost()
        return self

    def __exit__(self, *_):
        self.cost = Cost(time.monotonic() - self._begun, 0, machine_cpu_seconds() - self._cpu, 0)


def timed(command, env, log) -> Cost:
    with Watch() as watch:
        own = Started(command, env, log).finish()
    return watch.cost + own
