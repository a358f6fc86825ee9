"""An application that writes while its database is migrated."""

import random
import threading
import time

TABLES = """
    CREATE TABLE customer (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, mail text UNIQUE, at timestamptz DEFAULT now());
    CREATE TABLE orders (id bigserial PRIMARY KEY, customer int REFERENCES customer, amount numeric(12,2), note text);
    CREATE INDEX ON orders (customer);
    CREATE TABLE log (at timestamptz, line text);
    CREATE TABLE part (id int, k int, v text, PRIMARY KEY (id, k)) PARTITION BY LIST (k);
    CREATE TABLE part_0 PARTITION OF part FOR VALUES IN (0);
    CREATE TABLE part_1 PARTITION OF part FOR VALUES IN (1);
    INSERT INTO customer (name, mail) SELECT 'c' || g, g || '@x' FROM generate_series(1, 2000) g;
    INSERT INTO orders (customer, amount, note) SELECT 1 + g % 2000, g, repeat('n', g % 300) FROM generate_series(1, 10000) g;
    INSERT INTO log SELECT now(), 'same' FROM generate_series(1, 500);
    INSERT INTO part SELECT g, g % 2, 'p' FROM generate_series(1, 1000) g;
"""


class Application(threading.Thread):
    """Writes to a database until told to stop. `WORK` is what it does, `write` how; what breaks a key is refused alone."""

    WORK = ["INSERT INTO customer (name, mail) VALUES ('new', md5(random()::text))",
            "INSERT INTO orders (customer, amount, note) SELECT id, 1.5, NULL FROM customer ORDER BY random() LIMIT 3",
            "UPDATE orders SET amount = amount + 1, note = 'null' WHERE id % 997 = {n}",
            "DELETE FROM orders WHERE id % 1009 = {n}",
            "UPDATE customer SET mail = NULL WHERE id = {n}; UPDATE customer SET mail = '{n}@taken' WHERE id = {m}",
            "INSERT INTO log VALUES (now(), 'same'), (NULL, E'\\\\N\\ttab')",
            "DELETE FROM log WHERE ctid = (SELECT min(ctid) FROM log)",
            "UPDATE part SET k = 1 - k WHERE id = {n}",
            "BEGIN; INSERT INTO log VALUES (now(), 'never'); ROLLBACK"]

    def __init__(self, database, seed):
        super().__init__(daemon=True)
        self.database, self.random, self.ending, self.done = database, random.Random(seed), threading.Event(), 0
        self.start()

    def run(self):
        while not self.ending.is_set():
            statements = [self.random.choice(self.WORK).format(n=self.random.randint(1, 900), m=self.random.randint(901, 1900))
                          for _ in range(20)]
            self.write(";\n".join(statements) + ";")
            self.done += len(statements)

    def write(self, text):
        self.database.psql(text=text)

    def finish(self):
        self.ending.set()
        self.join()


def wait_for(condition, what, seconds=180):
    """Asks until it is so. The limit is for what never comes: what is late on a slow machine is no failure. What takes long to ask, a command for instance, is asked seldom: it takes the processor from what is waited for."""
    end = time.monotonic() + seconds
    while True:
        asked = time.monotonic()
        if condition():
            return
        assert time.monotonic() < end, f"did not happen in time: {what}"
        time.sleep(max(0.05, 2 * (time.monotonic() - asked)))
