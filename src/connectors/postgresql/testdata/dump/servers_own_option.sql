--
-- PostgreSQL database dump
--

SET a = 1;

--
-- Name: t; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.t (
    a integer,
    b text DEFAULT 'SET (pg_attver=1)'::text
)
WITH (fillfactor='70');
ALTER TABLE ONLY public.t ALTER COLUMN a SET (pg_attver=22158992);
ALTER TABLE ONLY public.t ALTER COLUMN b SET (pg_attver=22158992, n_distinct=5);


--
-- Name: ft; Type: FOREIGN TABLE; Schema: public; Owner: -
--

CREATE FOREIGN TABLE public.ft (
    a integer
)
SERVER s;
ALTER FOREIGN TABLE ONLY public.ft ALTER COLUMN a SET (pg_attver=22309848);


--
-- PostgreSQL database dump complete
--
