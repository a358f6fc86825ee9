"""Tables and columns that exchange their names, or give them to others, while changes flow: each row stays where it belongs."""

import re
import signal

from harness.cluster import SqlError
from harness.migration import assert_same_rows
from harness.printed_commands import printed_in
from test_live import cutover, live, logical_cluster, start_export, streams, wait_for  # noqa: F401
from test_live_capture import finish, run_both

TABLES = """
    CREATE TABLE swap (id int PRIMARY KEY, a text, b text);
    CREATE TABLE anew (id int PRIMARY KEY, x int, y int);
    CREATE TABLE first (id int PRIMARY KEY, v text);
    CREATE TABLE second (id int PRIMARY KEY, v text);
    CREATE TABLE cut (id int, k int, a text, b text, PRIMARY KEY (id, k)) PARTITION BY LIST (k);
    CREATE TABLE cut_0 PARTITION OF cut FOR VALUES IN (0);
    CREATE TABLE cut_1 (b text, k int, gone int, id int, a text);
    ALTER TABLE cut_1 DROP COLUMN gone, ALTER k SET NOT NULL, ALTER id SET NOT NULL, ADD PRIMARY KEY (id, k);
    ALTER TABLE cut ATTACH PARTITION cut_1 FOR VALUES IN (1);
"""
ROWS = """
    INSERT INTO swap SELECT g, 'A', 'B' FROM generate_series(1, 20) g; INSERT INTO anew SELECT g, g, g FROM generate_series(1, 20) g;
    INSERT INTO first SELECT g, 'first' FROM generate_series(1, 20) g; INSERT INTO second SELECT g, 'second' FROM generate_series(1, 20) g;
    INSERT INTO cut SELECT g, g % 2, 'A', 'B' FROM generate_series(1, 20) g;
"""
EXCHANGE = "BEGIN; ALTER TABLE {0} RENAME a TO x; ALTER TABLE {0} RENAME b TO a; ALTER TABLE {0} RENAME x TO b; COMMIT;"
EXCHANGE_TABLES = "BEGIN; ALTER TABLE first RENAME TO x; ALTER TABLE second RENAME TO first; ALTER TABLE x RENAME TO second; COMMIT;"
NAMES = ("swap", "anew", "first", "second", "cut")


def with_tables(live):
    for database in (live.source, live.target):
        database.sql(TABLES)
    live.source.sql(ROWS)


def equal(live, *tables):
    try:
        return all(live.source.rows("SELECT id, " + columns(table)) == live.target.rows("SELECT id, " + columns(table)) for table in tables)
    except SqlError:  # A column is not there yet.
        return False


def columns(table):
    return {"swap": "a, b FROM swap ORDER BY id", "anew": "x, y FROM anew ORDER BY id", "first": "v FROM first ORDER BY id",
            "second": "v FROM second ORDER BY id", "cut": "k, a, b FROM cut ORDER BY id"}[table]


def stopped(process, *words):
    done = process.finish()
    assert done.code == 7 and all(word in done.said for word in words), done
    return done


def statements(said, pattern):
    return re.search(pattern, said).group(0)


def test_on_the_source_first(live):
    with_tables(live)
    export, importing = run_both(live)
    again = lambda: live.start(*live.line("import data"))
    for table in ("swap", "cut"):
        live.source.sql(EXCHANGE.format(table) + f"UPDATE {table} SET a = 'B1', b = 'A1' WHERE id IN (1, 2); INSERT INTO {table} (id, a, b{', k' if table == 'cut' else ''}) VALUES (50, 'new', 'old'{', 1' if table == 'cut' else ''})")
        said = stopped(importing, f"column b of the target's table public.{table} is another one").said
        live.target.sql(statements(said, r"BEGIN; ALTER TABLE .*? COMMIT;"))
        importing = again()
        wait_for(lambda: equal(live, table), f"{table} is equal")
    # Dropped, and another one added under its name: untouched rows have its default.
    live.source.sql("ALTER TABLE anew DROP x, ADD x int DEFAULT 5; UPDATE anew SET x = 6 WHERE id = 1")
    said = stopped(importing, "column x of the target's table public.anew is another one").said
    live.target.sql(statements(said, r'ALTER TABLE "public"\."anew" DROP COLUMN "x"'))
    importing = again()
    wait_for(lambda: equal(live, "anew"), "anew is equal")
    live.source.sql("ALTER TABLE anew DROP y, ADD y int; UPDATE anew SET y = 7 WHERE id = 2")
    said = stopped(importing, "column y of the target's table public.anew is another one").said
    live.target.sql("ALTER TABLE anew DROP COLUMN y, ADD COLUMN y int")  # Made anew by hand.
    importing = again()
    wait_for(lambda: equal(live, "anew"), "anew is equal")
    live.source.sql(EXCHANGE_TABLES + "UPDATE first SET v = 'now in first' WHERE id = 1; INSERT INTO second VALUES (50, 'now in second')")
    stopped(importing, "is called", "on the source", "RENAME TO")
    live.target.sql(EXCHANGE_TABLES)
    importing = again()
    wait_for(lambda: equal(live, "first", "second"), "the tables are equal")
    # A table that is called otherwise on both sides goes on.
    for database in (live.target, live.source):
        database.sql("ALTER TABLE second RENAME TO third")
    live.source.sql("UPDATE third SET v = 'third' WHERE id = 3")
    wait_for(lambda: live.target.value("SELECT v FROM third WHERE id = 3") == "third" or not importing.running(), "the renamed table goes on")
    if not importing.running():  # It was at work when the name went.
        assert importing.finish().code == 7
        importing = again()
    wait_for(lambda: live.target.value("SELECT v FROM third WHERE id = 3") == "third", "the renamed table goes on")
    finish(live, export, importing)
    assert_same_rows(live.source, live.target)


def test_on_the_target_first_and_while_a_process_is_away(live):
    with_tables(live)
    export, importing = run_both(live)
    again = lambda: live.start(*live.line("import data"))
    wait_for(lambda: equal(live, *NAMES), "the rows are there")
    live.source.sql("UPDATE anew SET x = x WHERE id = 1")
    applied = "SELECT coalesce(sum(num_updates), 0) > 0 FROM ybvoyager_metadata.ybvoyager_import_data_event_channels_metainfo"
    wait_for(lambda: live.target.value(applied) == "t", "the import has looked at the tables")
    # It does not write by names that others have by now.
    live.target.sql(EXCHANGE.format("swap") + EXCHANGE_TABLES)
    live.source.sql("UPDATE swap SET a = 'a2' WHERE id = 2; UPDATE first SET v = 'f2' WHERE id = 2")
    refused = stopped(importing, "were altered while changes were applied")
    importing = live.start(*printed_in(refused, "CDC-009", "again"))
    wait_for(lambda: live.target.value("SELECT b FROM swap WHERE id = 2") == "a2" and live.target.value("SELECT v FROM second WHERE id = 2") == "f2", "each goes where it was")
    live.source.sql(EXCHANGE.format("swap") + EXCHANGE_TABLES + "UPDATE swap SET a = 'B1', b = 'A1' WHERE id = 1; UPDATE first SET v = 'now in first' WHERE id = 1")
    wait_for(lambda: equal(live, *NAMES), "they are equal")
    # Both sides while the import is away, with changes of before and after.
    importing.kill(signal.SIGKILL)
    importing.finish()
    live.source.sql("UPDATE cut SET a = 'before' WHERE id IN (3, 4)")
    live.source.sql(EXCHANGE.format("cut") + "UPDATE cut SET a = 'after' WHERE id IN (4, 5)")
    live.target.sql(EXCHANGE.format("cut"))
    importing = again()
    wait_for(lambda: equal(live, *NAMES), "they are equal")
    # The capture is away, and reads what was written before and after.
    export.kill(signal.SIGKILL)
    export.finish()
    live.source.sql("UPDATE swap SET a = 'before' WHERE id IN (3, 4); UPDATE first SET v = 'before' WHERE id IN (3, 4); UPDATE anew SET x = 30, y = 30 WHERE id IN (3, 4)")
    live.source.sql(EXCHANGE.format("swap") + EXCHANGE_TABLES + "ALTER TABLE anew DROP x; UPDATE swap SET a = 'after' WHERE id IN (4, 5); UPDATE first SET v = 'after' WHERE id IN (4, 5); UPDATE anew SET y = 40 WHERE id = 4")
    export = live.start(*live.line("export data"), "--export-type", "snapshot-and-changes", "--yes")
    for _ in range(3):
        done = importing.finish()
        assert done.code == 7, done
        if "table public.swap is another one" in done.said:
            live.target.sql(statements(done.said, r"BEGIN; ALTER TABLE .*? COMMIT;"))
        elif "is called" in done.said:
            live.target.sql(EXCHANGE_TABLES)
        else:
            assert "CDC-009" in done.text or "were altered" in done.said, done
        importing = again()
        same = lambda: equal(live, "swap", "first", "second", "cut") and live.source.rows("SELECT id, y FROM anew ORDER BY 1") == live.target.rows("SELECT id, y FROM anew ORDER BY 1")
        wait_for(lambda: same() or not importing.running(), "they are equal, or it stops")
        if importing.running():
            break
    assert same()
    live.target.sql("ALTER TABLE anew DROP x")
    finish(live, export, importing)
    assert_same_rows(live.source, live.target)


def test_before_the_snapshot_is_imported(live):
    """The rows are those of the snapshot, under the names of then."""
    with_tables(live)
    export = start_export(live)
    wait_for(streams(live), "the changes are streamed")
    live.source.sql(EXCHANGE.format("swap") + "ALTER TABLE anew DROP x, ADD x int DEFAULT 5; UPDATE swap SET a = 'B1', b = 'A1' WHERE id = 1; UPDATE anew SET x = 6 WHERE id = 1")
    again = lambda: live.start(*live.line("import data"))
    importing = again()
    said = stopped(importing, "column b of the target's table public.swap is another one").said
    live.target.sql(statements(said, r"BEGIN; ALTER TABLE .*? COMMIT;"))
    said = stopped(again(), "column x of the target's table public.anew is another one").said
    live.target.sql(statements(said, r'ALTER TABLE "public"\."anew" DROP COLUMN "x"'))
    importing = again()
    wait_for(lambda: equal(live, *NAMES), "they are equal")
    finish(live, export, importing)
    assert_same_rows(live.source, live.target)


def test_computed_columns_that_are_added(live):
    with_tables(live)
    export, importing = run_both(live)
    live.source.sql("ALTER TABLE anew ADD COLUMN sum int GENERATED ALWAYS AS (x + y) STORED; UPDATE anew SET x = 100 WHERE id = 1")
    # What its expression needs is not there: told, and changes go on.
    live.source.sql("CREATE FUNCTION f(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1 + 1'; ALTER TABLE swap ADD COLUMN c int GENERATED ALWAYS AS (f(id)) STORED; UPDATE swap SET a = 'x' WHERE id = 1")
    wait_for(lambda: live.target.value("SELECT a FROM swap WHERE id = 1") == "x", "changes go on")
    wait_for(lambda: live.target.value("SELECT count(*) FROM pg_attribute WHERE attrelid = 'anew'::regclass AND attname = 'sum'") == "1", "it is added")
    assert live.target.rows("SELECT id, x, sum FROM anew ORDER BY id") == live.source.rows("SELECT id, x, sum FROM anew ORDER BY id")
    said = " ".join(importing.err_so_far().split())
    assert "the source has a computed column c in public.swap now" in said and "GENERATED ALWAYS AS" in said
    live.target.sql("CREATE FUNCTION f(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1 + 1'; ALTER TABLE swap ADD COLUMN c int GENERATED ALWAYS AS (f(id)) STORED")
    live.source.sql("UPDATE swap SET a = 'y' WHERE id = 1")
    finish(live, export, importing)
    assert_same_rows(live.source, live.target)


def test_a_key_that_is_another_one_is_named(live):
    for database in (live.source, live.target):
        database.sql("CREATE TABLE keyed (id int PRIMARY KEY, b int NOT NULL)")
    live.source.sql("INSERT INTO keyed SELECT g, 100 - g FROM generate_series(1, 10) g")
    export, importing = run_both(live)
    live.source.sql("ALTER TABLE keyed DROP CONSTRAINT keyed_pkey, ADD PRIMARY KEY (b); INSERT INTO keyed VALUES (1, 2000)")
    done = importing.finish()
    assert done.code != 0 and "CDC-005" in done.text, done
    assert 'what names a row of public.keyed is ("b") on the source now, and the primary key on the target is ("id")' in done.said, done
    live.target.sql("ALTER TABLE keyed DROP CONSTRAINT keyed_pkey, ADD PRIMARY KEY (b)")
    importing = live.start(*live.line("import data"))
    finish(live, export, importing)
    assert_same_rows(live.source, live.target)


def test_a_cutover_without_a_slot_is_refused(live):
    export, importing = run_both(live)
    export.kill(signal.SIGKILL)
    export.finish()
    (slot,) = live.source.rows("SELECT slot_name FROM pg_replication_slots WHERE database = current_database()")[0]
    live.source.cluster.drop_slot(slot)
    refused = cutover(live, expect=7)
    assert "CDC-006" in refused.err and "was not initiated" in refused.said, refused
    status = live.command("cutover", "status", "--export-dir", live.export_dir)
    assert "NOT_INITIATED" in status.out
    importing.kill()


def test_partitions_that_name_their_rows_differently(live):
    """They share a lane, so lanes need not wait for one another at each turn; a row that moves between them is there once."""
    for database in (live.source, live.target):
        database.sql("CREATE TABLE mixed (id int, k int, v int) PARTITION BY LIST (k); CREATE TABLE mixed_0 PARTITION OF mixed FOR VALUES IN (0);"
                     "CREATE TABLE mixed_1 PARTITION OF mixed FOR VALUES IN (1); ALTER TABLE mixed_0 ADD PRIMARY KEY (id)")
    live.source.sql("INSERT INTO mixed SELECT g, g % 2, 0 FROM generate_series(1, 200) g")
    export, importing = run_both(live)
    for round_ in range(5):
        live.source.sql("UPDATE mixed SET v = v + 1; UPDATE mixed SET k = 1 - k WHERE id % 20 IN (0, 1) AND (k = 0 OR id % 2 = 1)")
        if round_ == 2:
            importing.kill(signal.SIGKILL)
            importing.finish()
            importing = live.start(*live.line("import data"))
    # Turn by turn: with a wait of all lanes at each it would take far longer than this.
    live.source.sql("".join(f"INSERT INTO mixed VALUES ({n}, {n % 2}, 0);" for n in range(1000, 3000)))
    wait_for(lambda: live.target.value("SELECT count(*), sum(v) FROM mixed") == live.source.value("SELECT count(*), sum(v) FROM mixed"), "they are equal", 30)
    finish(live, export, importing)
    assert_same_rows(live.source, live.target)
