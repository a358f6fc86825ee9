"""Values near PostgreSQL's limit of 1 GB pass, and memory stays small for everything else."""

import pytest


def insert_value(db, megabytes):
    """Text that looks random to a compressor, of one value."""
    db.sql(f"""CREATE TABLE big (id int PRIMARY KEY, body text); ALTER TABLE big ALTER body SET STORAGE EXTERNAL;
        INSERT INTO big VALUES (1, repeat((SELECT string_agg(md5(i::text), '') FROM generate_series(1, 32768) i), {megabytes}));
        INSERT INTO big SELECT g, 'small' FROM generate_series(2, 100) g;""")


def test_rows_of_16_mib_stay_under_256_mib(migration):
    migration.source.sql("""CREATE TABLE big (id int PRIMARY KEY, body text); ALTER TABLE big ALTER body SET STORAGE EXTERNAL;
        INSERT INTO big SELECT g, repeat((SELECT string_agg(md5((i + g)::text), '') FROM generate_series(1, 32768) i), 16) FROM generate_series(1, 8) g;""")
    migration.export_schema()
    migration.import_schema()
    used = [migration.export_data().rss_kib, migration.import_data().rss_kib]
    assert max(used) < 256 * 1024, used
    migration.finalize()
    migration.verify()


@pytest.mark.long
def test_a_value_of_500_mb(migration):
    insert_value(migration.source, 500)
    migration.export_schema()
    migration.import_schema()
    used = [migration.export_data(timeout=900).rss_kib, migration.import_data(timeout=900).rss_kib]
    print(f"resident memory, KiB: export {used[0]}, import {used[1]}")
    assert max(used) < 2200 * 1024, "libpq holds one copy of a row, we may hold another"
    assert migration.target.value("SELECT md5(body) FROM big WHERE id = 1") == migration.source.value("SELECT md5(body) FROM big WHERE id = 1")
