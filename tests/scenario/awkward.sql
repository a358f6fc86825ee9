-- A source with one of everything that makes migrations hard, and one table that holds most of the bytes.
CREATE SCHEMA sales;
CREATE TYPE sales.state AS ENUM ('new', 'paid', 'sent');
CREATE DOMAIN sales.amount AS numeric(12,2) CHECK (VALUE >= 0);
CREATE TABLE sales.customer (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "Full Name" text NOT NULL, email text UNIQUE, tags text[], extra jsonb);
INSERT INTO sales.customer ("Full Name", email, tags, extra)
  SELECT 'Näme ' || g, 'c' || g || '@example.com', ARRAY['a', NULL, E'tab\there'], jsonb_build_object('n', g, 'text', E'line\nbreak \\ ')
    FROM generate_series(1, 2000) g;
CREATE TABLE sales.orders (id bigserial, customer_id int NOT NULL REFERENCES sales.customer, at timestamptz NOT NULL, state sales.state DEFAULT 'new',
  total sales.amount, with_tax numeric GENERATED ALWAYS AS (total * 1.19) STORED, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE sales.orders_2023 PARTITION OF sales.orders FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
CREATE TABLE sales.orders_2024 PARTITION OF sales.orders FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE sales.orders_other PARTITION OF sales.orders DEFAULT;
INSERT INTO sales.orders (customer_id, at, state, total)
  SELECT 1 + g % 2000, '2022-11-01'::timestamptz + g * interval '1 hour', (ARRAY['new', 'paid', 'sent'])[1 + g % 3]::sales.state, g % 1000
    FROM generate_series(1, 20000) g;
CREATE INDEX orders_by_customer ON sales.orders (customer_id, at DESC);
CREATE TABLE public.document (name text PRIMARY KEY, body text, raw bytea);
ALTER TABLE public.document ALTER body SET STORAGE EXTERNAL;
INSERT INTO public.document SELECT 'doc-' || g, (SELECT string_agg(md5(g || '-' || i), '') FROM generate_series(1, 200) i), decode(md5(g::text), 'hex') FROM generate_series(1, 3000) g;
CREATE INDEX document_start ON public.document (left(body, 20));
CREATE TABLE public.empty (a int PRIMARY KEY);
CREATE TABLE public."Nothing" ();
INSERT INTO public."Nothing" DEFAULT VALUES;
CREATE TABLE public.odd (a int, b text);
INSERT INTO public.odd VALUES (-1, E'\\.'), (2, E'\\N'), (3, NULL), (4, '');
ALTER TABLE public.odd ADD CONSTRAINT late CHECK (a > 0) NOT VALID;
CREATE TABLE public.left_side (id int PRIMARY KEY, other int);
CREATE TABLE public.right_side (id int PRIMARY KEY, other int REFERENCES public.left_side);
INSERT INTO public.left_side SELECT g, g FROM generate_series(1, 100) g;
INSERT INTO public.right_side SELECT g, g FROM generate_series(1, 100) g;
ALTER TABLE public.left_side ADD CONSTRAINT in_a_circle FOREIGN KEY (other) REFERENCES public.right_side;
CREATE TABLE public.noted (n int);
CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.noted VALUES (1); RETURN NEW; END $$;
CREATE TRIGGER noting BEFORE INSERT ON public.odd FOR EACH ROW EXECUTE FUNCTION public.note();
CREATE VIEW sales.paid AS SELECT * FROM sales.orders WHERE state = 'paid';
CREATE MATERIALIZED VIEW sales.by_state AS SELECT state, count(*) AS n FROM sales.orders GROUP BY state;
CREATE SEQUENCE public.ticket START 500; SELECT nextval('public.ticket') FROM generate_series(1, 7);
