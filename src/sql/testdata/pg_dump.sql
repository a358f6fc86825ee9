--
-- PostgreSQL database dump
--

\restrict abcdef

SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);

--
-- Name: a b; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public."a b" (
    id integer NOT NULL,
    note text DEFAULT ';'
)
PARTITION BY RANGE (id);


CREATE TABLE public.child (
    CONSTRAINT x CHECK ((a > 1)),
    PRIMARY KEY (id)
)
INHERITS (public.parent, other.parent2);
CREATE TABLE public.p1 PARTITION OF public."a b" FOR VALUES FROM (1) TO (2);
CREATE TABLE public.typed OF public.row_type;
CREATE INDEX i ON ONLY public."a b" USING btree (id);
CREATE UNIQUE INDEX CONCURRENTLY j ON public.child USING btree (id) WHERE (id > 0);
ALTER TABLE ONLY public."a b" ATTACH PARTITION public.child FOR VALUES FROM (1) TO (2);
ALTER INDEX public.i ATTACH PARTITION public.i_child;
ALTER TABLE ONLY public."a b"
    ADD CONSTRAINT "a b_pkey" PRIMARY KEY (id);
ALTER TABLE ONLY public.child
    ADD CONSTRAINT child_u UNIQUE (id, note);
ALTER TABLE ONLY public.child
    ADD CONSTRAINT child_x EXCLUDE USING gist (r WITH &&);
ALTER TABLE public.child
    ADD CONSTRAINT child_c CHECK ((length(note) > 1)) NOT VALID;
ALTER TABLE public.child
    ADD CONSTRAINT child_f CHECK (public.is_good(note));
ALTER TABLE public.child
    ADD CONSTRAINT child_o CHECK ((note OPERATOR(public.===) 'a'::text));
ALTER TABLE public.child
    ADD CONSTRAINT child_w CHECK ((child.* IS NOT NULL));
ALTER TABLE ONLY public.child
    ADD CONSTRAINT child_fk FOREIGN KEY (id) REFERENCES public.other(id) ON DELETE CASCADE NOT VALID;
ALTER TABLE public.child ADD CONSTRAINT k UNIQUE USING INDEX j;
ALTER TABLE public.child ADD CONSTRAINT a CHECK (true), ADD CONSTRAINT b CHECK (true);
ALTER DOMAIN public.d
    ADD CONSTRAINT d_check CHECK ((VALUE > 0)) NOT VALID;
ALTER TABLE public.child ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.child_id_seq
    START WITH 1
);
ALTER TABLE public.child CLUSTER ON j;
ALTER TABLE ONLY public.child REPLICA IDENTITY USING INDEX j;
ALTER TABLE ONLY public.child REPLICA IDENTITY FULL;
ALTER TABLE ONLY public.child ALTER COLUMN id SET DEFAULT nextval('public.s'::regclass);
ALTER SEQUENCE public.s OWNED BY public.child.id;
ALTER INDEX public.j ALTER COLUMN 1 SET STATISTICS 500;
ALTER INDEX public.j DEPENDS ON EXTENSION pg_trgm;
COMMENT ON INDEX public.j IS 'an index';
COMMENT ON CONSTRAINT child_u ON public.child IS 'a constraint';
COMMENT ON TABLE public.child IS 'a table';
CREATE MATERIALIZED VIEW public.m AS
 SELECT 1 AS a
  WITH NO DATA;
CREATE SCHEMA "My Schema";

--
-- PostgreSQL database dump complete
--

\unrestrict abcdef

