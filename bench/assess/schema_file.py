"""A schema file of a given number of statements and about a given size, with something to find in one of ten."""

COLUMNS = """    id bigint NOT NULL,
    customer_id bigint NOT NULL,
    status character varying(20) DEFAULT 'new'::character varying NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    amount numeric(12,2),
    note text{extra}"""


def statements(count: int):
    """Per five: a table, its key, an index, a view, a function; the numbers run through the names."""
    for number in range(count // 5):
        odd = number % 10 == 0
        table = f"public.table_{number}"
        yield f"CREATE TABLE {table} (\n{COLUMNS.format(extra=',' + chr(10) + '    body xml' if odd else '')}\n);"
        yield f"ALTER TABLE ONLY {table}\n    ADD CONSTRAINT table_{number}_pkey PRIMARY KEY (id);"
        yield (f"CREATE INDEX table_{number}_status ON {table} USING {'gist' if odd else 'btree'} "
               f"(status, created_at) WHERE ((status)::text <> 'done'::text);")
        yield (f"CREATE VIEW public.view_{number} AS\n SELECT t.id,\n    t.amount,\n    count(*) OVER (PARTITION BY t.customer_id) AS others\n"
               f"   FROM ({table} t\n     JOIN public.table_0 o ON ((o.id = t.customer_id)))\n  WHERE (t.amount > (0)::numeric);")
        yield (f"CREATE FUNCTION public.touch_{number}(wanted bigint) RETURNS integer\n    LANGUAGE plpgsql\n    AS $$\nDECLARE\n  changed integer;\n"
               f"BEGIN\n  UPDATE {table} SET status = 'touched' WHERE id = wanted{' AND xmin <> 0' if odd else ''};\n"
               f"  GET DIAGNOSTICS changed = ROW_COUNT;\n  RETURN changed;\nEND;\n$$;")


def text(count: int, size: int) -> str:
    """Comments, as dumps have them, fill up to the size."""
    parts = list(statements(count))
    room = max(0, size - sum(len(part) + 2 for part in parts)) // len(parts)
    comment = "-- " + "Name: a line of comment, as pg_dump writes above every object; " * (1 + room // 60)
    head = comment[:max(0, room - 1)]
    return "\n\n".join((head + "\n" if len(head) > 3 else "") + part for part in parts) + "\n"
