"""Schemas of odd names and every kind of dependency, made by dice: what `export schema` rewrites for YugabyteDB makes the same
objects on a plain server, but for the indexes that it says it took out. `--seed N` repeats a run."""

import random
import re
import subprocess
import time

import pytest

from harness.cluster import bin_dir
from harness.migration import Migration

NAMES = ["plain", "Upper", "with space", "dot.ted", 'quo"te', "apo'strophe", "semi;colon", "par(en", "ünï€", "漢字", "select", "--dash", "/*c*/",
         "$x$", "new\nline", "colocation", "WITH", "a" * 60, "tab\tbed", "back\\slash", "%I", "ASC", ")", "as"]
KEYS = ["integer", "bigint", "uuid", "text", "timestamp", "timestamptz", "date", "numeric(10,2)", "\"Dom.ain\"", "time"]
OTHERS = ["text", "varchar(20)", "integer[]", "jsonb", "tsrange", "int4range", "bytea", "date", "boolean", "e_num", "comp", "inet", "text COLLATE \"C\""]
DEFAULTS = {"text": ["'it''s; ('", "E'\\\\n$$ --'", "'/* no comment */'", "')'", "$q$ WITH (colocation='false'); $q$"], "integer": ["1 + (2)", "'5'::int"]}


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


class Schema:
    """Statements that all work, in an order in which they do."""

    def __init__(self, dice):
        self.dice, self.statements, self.count, self.tables, self.indexes = dice, [], 0, [], []
        self.schemas = ["public", quoted("Odd.sch|ema"), quoted('q"u')]
        self.say("CREATE EXTENSION btree_gist; CREATE EXTENSION pg_trgm; CREATE EXTENSION pg_stat_statements;")
        for one in self.schemas[1:]:
            self.say(f"CREATE SCHEMA {one};")
        self.say("""SET search_path = public; CREATE DOMAIN "Dom.ain" AS integer CHECK (VALUE > 0); CREATE TYPE e_num AS ENUM ('a;', ')b');
            CREATE TYPE comp AS (a integer, "b.c" text);
            CREATE FUNCTION good(x text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT x <> ';' /* ( */ $$;
            CREATE FUNCTION trig() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;""")

    def say(self, text):
        self.statements.append(text)

    def name(self):
        self.count += 1
        return quoted(f"{self.dice.choice(NAMES)[:50]}{self.count}")

    def some(self, share):
        return self.dice.random() < share

    def column(self):
        kind = self.dice.choice(OTHERS)
        text = kind
        if kind in DEFAULTS and self.some(0.6):
            text += " DEFAULT " + self.dice.choice(DEFAULTS[kind])
        if self.some(0.15):
            text += " NOT NULL"
        return self.name(), text, kind

    def table(self):
        dice, schema, name = self.dice, self.dice.choice(self.schemas), self.name()
        full, key = f"{schema}.{name}", self.name()
        kind = dice.choice(KEYS)
        columns = [(key, kind + " NOT NULL", kind)] + [self.column() for _ in range(dice.randint(0, 5))]
        lines = [f"{c} {t}" for c, t, _ in columns]
        plain = [c for c, _, t in columns if t not in ("jsonb", "comp", "boolean") or c == key]
        if kind in ("integer", "bigint") and self.some(0.4):
            lines[0] = f"{key} {kind} GENERATED {dice.choice(['ALWAYS', 'BY DEFAULT'])} AS IDENTITY"
        if self.some(0.2):
            generated = self.name()
            lines.append(f"{generated} integer GENERATED ALWAYS AS (length({key}::text) * (2)) STORED" if kind in ("integer", "text", "bigint") else f"{generated} int")
        if self.some(0.7):
            lines.append(f"CONSTRAINT {self.name()} PRIMARY KEY ({', '.join([key] + plain[1:2])})" + (f" INCLUDE ({plain[-1]})" if self.some(0.2) else ""))
        for extra in range(dice.randint(0, 2)):
            lines.append(f"CONSTRAINT {self.name()} " + dice.choice([
                f"UNIQUE ({key})", f"UNIQUE NULLS NOT DISTINCT ({key})", f"UNIQUE ({key}) DEFERRABLE INITIALLY DEFERRED",
                f"CHECK (({key}::text) <> ';-- ('::text)", f"CHECK (public.good({key}::text))", f"EXCLUDE USING gist ({key} WITH =)" if kind != "text" else f"UNIQUE ({key})"]))
        tail = ""
        if self.some(0.2):
            tail += " WITH (fillfactor='70', autovacuum_enabled=false)"
        self.say(f"CREATE {'UNLOGGED ' if self.some(0.1) else ''}TABLE {full} ({', '.join(lines)}){tail};")
        self.tables.append((full, key, kind, plain))
        self.after(full, key, plain)
        return full, key, kind, plain

    def after(self, full, key, plain):
        dice = self.dice
        for _ in range(dice.randint(0, 4)):
            self.index(full, plain)
        own = [i for i in self.indexes if i[1] == full and i[2]]
        if own and self.some(0.3):
            self.say(f"ALTER TABLE {full} CLUSTER ON {dice.choice(own)[0].split(chr(0))[1]};")
        if self.some(0.2):
            self.say(f"ALTER TABLE {full} REPLICA IDENTITY FULL;")
        if self.some(0.3):
            self.say(f"COMMENT ON TABLE {full} IS 'it''s; /* CREATE TABLE x ( */ --';")
        if len(plain) > 2 and self.some(0.3):
            self.say(f"CREATE STATISTICS {self.schema_of(full)}.{self.name()} ON {plain[0]}, {plain[1]} FROM {full};")
        if self.some(0.2):
            self.say(f"ALTER TABLE {full} ENABLE ROW LEVEL SECURITY; CREATE POLICY {self.name()} ON {full} USING (({key}::text) <> ')');")
        if self.some(0.2):
            self.say(f"CREATE TRIGGER {self.name()} BEFORE INSERT ON {full} FOR EACH ROW EXECUTE FUNCTION public.trig();")

    @staticmethod
    def schema_of(full):
        return re.match(r'public|"(?:[^"]|"")*"', full)[0]

    def index(self, full, plain, unique=None):
        """Often the same again, or with one more key, so that some are redundant."""
        dice, name = self.dice, self.name()
        keys = plain[:dice.randint(1, min(3, len(plain)))] if self.some(0.7) else dice.sample(plain, min(2, len(plain)))
        texts = []
        for key in keys:
            texts.append(dice.choice([key, key, key, key, f"{key} DESC", f"{key} NULLS FIRST", f"{key} DESC NULLS LAST", f"({key} IS NULL)"]))
        unique = self.some(0.3) if unique is None else unique
        where = f" WHERE ({keys[0]} IS NOT NULL)" if self.some(0.15) else ""
        include = f" INCLUDE ({plain[-1]})" if self.some(0.15) else ""
        tail = (" NULLS NOT DISTINCT" if unique and self.some(0.2) else "") + (" WITH (fillfactor='80')" if self.some(0.1) else "")
        self.say(f"CREATE {'UNIQUE ' if unique else ''}INDEX {name} ON {full} ({', '.join(texts)}){include}{tail}{where};")
        qualified = f"{self.schema_of(full)}.{name}"
        self.indexes.append((qualified + chr(0) + name, full, not where))
        if texts[0].startswith("(") and self.some(0.7):
            self.say(f"ALTER INDEX {qualified} ALTER COLUMN 1 SET STATISTICS {dice.randint(1, 900)};")
        if self.some(0.15):
            self.say(f"ALTER INDEX {qualified} DEPENDS ON EXTENSION pg_trgm;")
        if self.some(0.2):
            self.say(f"COMMENT ON INDEX {qualified} IS ');';")

    def partitions(self, depth=2):
        """A tree of partitioned tables, keys and indexes at several heights of it."""
        dice, schema, name, time_key = self.dice, self.dice.choice(self.schemas), self.name(), self.some(0.5)
        full, a, b = f"{schema}.{name}", self.name(), self.name()
        columns = f"{a} {'timestamptz' if time_key else 'integer'} NOT NULL, {b} integer NOT NULL, c text DEFAULT ';'"
        key = f", PRIMARY KEY ({a}, {b})" if self.some(0.7) else ""
        self.say(f"CREATE TABLE {full} ({columns}{key}) PARTITION BY RANGE ({b});")
        self.branch(full, b, depth, 0, 1000)
        for _ in range(dice.randint(1, 3)):
            self.say(f"CREATE INDEX ON {full} ({', '.join(dice.sample([a, b, 'c'], dice.randint(1, 2)))});")
        leaf = self.tables_of[-1]
        self.index(leaf, [a, b, "c"], unique=False)

    tables_of = []

    def branch(self, parent, column, depth, low, high):
        middle = (low + high) // 2
        for begin, end in ((low, middle), (middle, high)):
            full = f"{self.dice.choice(self.schemas)}.{self.name()}"
            below = depth > 0 and self.some(0.5)
            by = f" PARTITION BY RANGE ({column})" if below else ""
            self.say(f"CREATE TABLE {full} PARTITION OF {parent} FOR VALUES FROM ({begin}) TO ({end}){by};")
            if below:
                self.branch(full, column, depth - 1, begin, end)
            else:
                self.tables_of = self.tables_of + [full]

    def relations(self):
        dice = self.dice
        for _ in range(6):
            full, key, kind, plain = dice.choice(self.tables)
            child, other = f"{dice.choice(self.schemas)}.{self.name()}", self.name()
            self.say(f"CREATE TABLE {child} ({other} integer PRIMARY KEY) INHERITS ({full});")
            self.say(f"CREATE VIEW {dice.choice(self.schemas)}.{self.name()} AS SELECT {key}, '; (' AS x FROM {full};")
            view = f"{dice.choice(self.schemas)}.{self.name()}"
            self.say(f"CREATE MATERIALIZED VIEW {view} AS SELECT {key} AS k, count(*) AS \"a)s\" FROM {full} GROUP BY {key} WITH NO DATA;")
            self.say(f"CREATE UNIQUE INDEX {self.name()} ON {view} (k); CREATE INDEX {self.name()} ON {view} (k, \"a)s\"); CREATE INDEX {self.name()} ON {view} (k);")
            self.say(f"CREATE TABLE {dice.choice(self.schemas)}.{self.name()} (whole {full}, many {full}[], id {kind} PRIMARY KEY);")
        self.say(f"CREATE TYPE public.of_type AS (a integer, b timestamp); CREATE TABLE public.{self.name()} OF public.of_type (PRIMARY KEY (b, a) , b WITH OPTIONS DEFAULT now());")
        target = f"public.{self.name()}"
        self.say(f"CREATE TABLE {target} (id integer, at date, v int); CREATE UNIQUE INDEX needed ON {target} (id); CREATE UNIQUE INDEX needed2 ON {target} (id);"
                 f"CREATE UNIQUE INDEX by_at ON {target} (at, id); CREATE INDEX by_at2 ON {target} (at);"
                 f"ALTER TABLE {target} ALTER id SET NOT NULL; ALTER TABLE {target} REPLICA IDENTITY USING INDEX needed2;"
                 f"CREATE TABLE public.refers (a integer REFERENCES {target} (id), b integer REFERENCES {target} (id) DEFERRABLE, self integer);"
                 f"ALTER TABLE public.refers ADD UNIQUE (a), ADD CONSTRAINT loops FOREIGN KEY (self) REFERENCES public.refers (a) NOT VALID;")


def make(seed) -> Schema:
    schema = Schema(random.Random(seed))
    for _ in range(14):
        schema.table()
    for _ in range(3):
        schema.partitions()
    schema.relations()
    return schema


def statements_of(db, schemas) -> list[str]:
    """What pg_dump says, one statement an item, sorted."""
    patterns = [f"--schema={one}" for one in schemas]
    done = subprocess.run([bin_dir() / "pg_dump", "--schema-only", "--no-owner", "--no-privileges", *patterns, "-d", db.conninfo], capture_output=True, text=True, check=True)
    texts = re.split(r"\n--\n-- Name: [\s\S]*?; Owner: -\n--\n", done.stdout)
    found = [re.sub(r"^SET default_table_access_method = heap;\n|^SET default_tablespace = '';\n|\n--\n-- PostgreSQL database dump complete[\s\S]*", "", t.strip(), flags=re.M).strip() for t in texts[1:]]
    return sorted(one for text in found if text for one in ([text] if "CREATE INDEX" not in text and "CREATE UNIQUE INDEX" not in text else re.split(r"\n\n+|\n(?=ALTER INDEX )", text)))


def schema_flag(schemas):
    return ",".join(schemas)


@pytest.mark.parametrize("round", range(3))
def test_the_rewritten_schema_makes_the_same_objects(source, target, folder, request, round):
    seed = request.config.getoption("--seed") or int(time.time() * 1000) % 1_000_000_000
    print(f"seed {seed}: repeat with pytest --seed {seed}")
    schema = make(seed * 10 + round)
    source.sql("\n".join(schema.statements))
    migration = Migration(source, target, folder, schema_flag(schema.schemas))
    migration.command("assess-migration", "--export-dir", migration.export_dir, *migration.source_flags(), "--iops-capture-interval", "0",
                      "--target-db-version", "2025.2.3.0", "--yes")
    migration.command("export", "schema", "--export-dir", migration.export_dir, *migration.source_flags(), "--comments-on-objects", "true",
                      "--skip-colocation-recommendations", "true", "--target-db-type", "yugabytedb", "--yes")
    taken = migration.export_dir / "schema/tables/redundant_indexes.sql"
    taken_out = re.sub(r"^-- redundant: .*\n", "", taken.read_text(), flags=re.M) if taken.exists() else ""
    target.sql("CREATE EXTENSION pg_stat_statements")
    uncategorized = migration.export_dir / "schema/uncategorized.sql"
    migration.import_schema("--target-db-type", "postgresql", "--yes", "--enable-orafce", "false")
    migration.finalize("--target-db-type", "postgresql", "--yes")
    if uncategorized.exists():
        target.load(uncategorized)
    before, after = statements_of(source, schema.schemas), statements_of(target, schema.schemas)
    for one in after:
        assert one in before, f"seed {seed}: new or changed\n{one}"
        before.remove(one)
    lost = [one for one in before if one not in taken_out]
    assert lost == [], f"seed {seed}: lost\n" + "\n".join(lost)
