-- The schema public, made anew, has an OID like any other schema.
DROP SCHEMA public;
CREATE SCHEMA public;
GRANT USAGE ON SCHEMA public TO PUBLIC;
CREATE TABLE public.t (id int PRIMARY KEY, name text);
INSERT INTO public.t VALUES (1, 'a'), (2, 'b');
