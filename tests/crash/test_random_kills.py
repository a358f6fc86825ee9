"""Whole migrations whose commands are killed at random moments and run again until they end. `--seed N` repeats a run."""

import random
import shutil
import time


from harness.migration import Migration
from crash.steps import STEPS, assert_ended, assert_equal, is_done, start_step

SECONDS, SECONDS_LONG = 30, 1200
TRIES = 40   # Kills of one step; after that it may run to its end.


def test_random_kills(request, crash_source, target_cluster, folder):
    seed = request.config.getoption("--seed") or int(time.time() * 1000) % 1_000_000_000
    print(f"seed {seed}: repeat with pytest --seed {seed}")
    dice = random.Random(seed)
    end = time.monotonic() + (SECONDS_LONG if request.config.getoption("--long") else SECONDS)
    rounds = kills = 0
    while rounds == 0 or time.monotonic() < end:
        target = target_cluster.create(f"random_{rounds}")
        place = folder / f"round{rounds}"
        place.mkdir()
        migration = Migration(crash_source, target, place)
        for step in [*STEPS, "end"]:
            if step == "end":
                assert_equal(migration)
            kills += kill_until_done(migration, step, dice, seed)
        assert_ended(migration)
        target_cluster.drop(target.name)
        shutil.rmtree(place)
        rounds += 1
    print(f"{rounds} migrations, {kills} kills")
    assert kills > 0


def kill_until_done(migration, step, dice, seed) -> int:
    """The moment is drawn from a span that doubles, so every part of the command is hit."""
    span, pids = 0.05, []
    for kills in range(TRIES + 1):
        running = start_step(migration, step, again=kills > 0)
        pids.append(running.pid)
        if kills < TRIES:
            stop_at = time.monotonic() + dice.uniform(0, span)
            while running.running() and time.monotonic() < stop_at:
                time.sleep(0.001)
            running.kill()
        done = running.finish()
        if done.code != -9:
            assert is_done(step, done), f"seed {seed}, step {step}, after {kills} kills of {pids}\n{done}"
            return kills
        span = min(span * 1.5, 3.0)
    raise AssertionError("unreachable")


