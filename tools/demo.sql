-- Most bytes sit in one table, as they do in life; about 340 MB.
CREATE TABLE sales.event (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id int REFERENCES sales.customer, at timestamptz NOT NULL, kind sales.state,
  price numeric(10,2), key uuid, tags text[], detail jsonb);
INSERT INTO sales.event (customer_id, at, kind, price, key, tags, detail)
  SELECT 1 + g % 2000, '2020-01-01'::timestamptz + g * interval '2 minutes', (ARRAY['new', 'paid', 'sent'])[1 + g % 3]::sales.state,
         (g % 100000) / 100.0, md5(g::text)::uuid, ARRAY['tag' || g % 17, 'x'], jsonb_build_object('n', g, 'hash', md5(g::text), 'note', 'Größe ' || g % 99)
    FROM generate_series(1, 1200000) g;
CREATE INDEX event_at ON sales.event (at);
CREATE INDEX event_customer ON sales.event (customer_id, kind);
DO $$ BEGIN
  FOR i IN 1..30 LOOP
    EXECUTE format('CREATE TABLE public.setting_%s (id int PRIMARY KEY, value text); INSERT INTO public.setting_%s SELECT g, md5(g::text) FROM generate_series(1, %s) g', i, i, i * 10);
  END LOOP;
END $$;
