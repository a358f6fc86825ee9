"""The installed script of grants: its variables, its two ways to ownership, its refusals. That an offline migration runs with
what it grants is in test_errors.py."""

import pytest

from harness.migration import REPOSITORY

SCRIPT = REPOSITORY / "share/guardrails-scripts/yb-voyager-pg-grant-migration-permissions.sql"


@pytest.fixture
def shop(source):
    """A database with odd names and several owners, and the user to be granted; everything is gone afterwards."""
    tag = source.name[-6:]
    user, owner, group = f"mig_{tag}", f"Odd Owner {tag}", f"group_{tag}"
    source.sql(f"""CREATE ROLE {user} LOGIN; CREATE ROLE "{owner}"; CREATE SCHEMA "Odd Schema";
                   CREATE TABLE "Odd Schema"."T t" (id int GENERATED ALWAYS AS IDENTITY, x text);
                   ALTER TABLE "Odd Schema"."T t" OWNER TO "{owner}";
                   CREATE TABLE p (id int, d date) PARTITION BY RANGE (d);
                   CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');""")
    yield source, user, owner, group
    for role in (user, owner, group):
        if source.value(f"SELECT 1 FROM pg_roles WHERE rolname = '{role}'"):
            source.sql(f'REASSIGN OWNED BY "{role}" TO postgres; DROP OWNED BY "{role}"; DROP ROLE "{role}"')


def grant(database, answer="", **variables):
    flags = [part for name, value in variables.items() for part in ("-v", f"{name}={value}")]
    return database.psql(*flags, "-f", SCRIPT, text=answer)


def privileges(database, user):
    return database.value(f"""SELECT concat_ws(' ', has_schema_privilege('{user}', 'Odd Schema', 'USAGE'),
        has_table_privilege('{user}', '"Odd Schema"."T t"', 'SELECT'), has_table_privilege('{user}', 'p1', 'SELECT'),
        has_sequence_privilege('{user}', '"Odd Schema"."T t_id_seq"', 'SELECT'), has_table_privilege('{user}', 'p', 'INSERT'))""")


def test_offline_grants_reading_only_and_can_be_repeated(shop):
    database, user, _, _ = shop
    for _ in range(2):
        done = grant(database, voyager_user=user, schema_list="public, Odd Schema", is_live_migration=0)
        assert done.returncode == 0 and "Done." in done.stdout, done
    assert privileges(database, user) == "t t t t f"
    assert database.value("SELECT count(*) FROM pg_class WHERE relreplident = 'f'") == "0"


@pytest.mark.parametrize("choice", ["1", "2"])
def test_live_gives_ownership_in_either_way(shop, choice):
    database, user, owner, group = shop
    done = grant(database, choice + "\n", voyager_user=user, schema_list='public,"Odd Schema"', is_live_migration=1,
                 is_live_migration_fall_back=1, replication_group=group)
    assert done.returncode == 0 and "Done." in done.stdout, done
    assert privileges(database, user) == "t t t t t"
    assert database.value("SELECT count(*) FROM pg_class WHERE relreplident = 'f'") == "3"
    assert database.value(f"SELECT rolreplication FROM pg_roles WHERE rolname = '{user}'") == "t"
    assert database.value(f"SELECT has_database_privilege('{user}', current_database(), 'CREATE')") == "t"
    now = database.value("SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = 'T t'")
    assert now == (group if choice == "1" else owner)
    assert database.value(f"SELECT pg_has_role('{user}', '{now}', 'MEMBER')") == "t"


def test_what_is_missing_or_wrong_changes_nothing(shop):
    database, user, _, group = shop
    before = privileges(database, user)
    assert "voyager_user" in grant(database).stdout
    assert "schema_list" in grant(database, voyager_user=user).stdout
    assert "is_live_migration" in grant(database, voyager_user=user, schema_list="public").stdout
    assert "replication_group" in grant(database, voyager_user=user, schema_list="public", is_live_migration=1,
                                        is_live_migration_fall_back=0).stdout
    assert "absent" in grant(database, voyager_user=user, schema_list="public,absent", is_live_migration=0).stdout
    assert "nothing was changed" in grant(database, "3\n", voyager_user=user, schema_list="public", is_live_migration=1,
                                          is_live_migration_fall_back=0, replication_group=group).stdout
    assert grant(database, voyager_user="nobody_here", schema_list="public", is_live_migration=0).returncode != 0
    assert privileges(database, user) == before
