-- A shop that is open while it moves: about 15 MB.
CREATE TABLE customer (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, mail text UNIQUE);
CREATE TABLE orders (id bigserial PRIMARY KEY, customer int REFERENCES customer, amount numeric(12,2), note text);
CREATE INDEX ON orders (customer);
CREATE TABLE visit (at timestamptz, page text);
INSERT INTO customer (name, mail) SELECT 'customer ' || g, g || '@example.com' FROM generate_series(1, 20000) g;
INSERT INTO orders (customer, amount, note) SELECT 1 + g % 20000, g % 1000, repeat('n', g % 60) FROM generate_series(1, 100000) g;
INSERT INTO visit SELECT now() - g * interval '1 second', 'home' FROM generate_series(1, 5000) g;
