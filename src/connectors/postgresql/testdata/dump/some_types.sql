-- types: view, table
--
-- PostgreSQL database dump
--

\restrict 4tJ

-- Dumped from database version 15.20
-- Dumped by pg_dump version 15.20

SET statement_timeout = 0;
SET client_encoding = 'UTF8';
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET row_security = off;

--
-- Name: app; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA app;


--
-- Name: citext; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public;


--
-- Name: mood; Type: TYPE; Schema: app; Owner: -
--

CREATE TYPE app.mood AS ENUM (
    'a',
    'b'
);


--
-- Name: f(); Type: FUNCTION; Schema: app; Owner: -
--

CREATE FUNCTION app.f() RETURNS text
    LANGUAGE plpgsql
    AS $$
begin

  --
  -- Name: t; Type: TABLE; Schema: app; Owner: -
  --

  return 'blank lines

stay';
end
$$;


SET default_table_access_method = heap;

--
-- Name: odd; Type: VIEW; Schema: x; Type: TABLE; Schema: app; Owner: -
--

CREATE TABLE app."odd; Type: VIEW; Schema: x" (
    id integer NOT NULL
);
ALTER TABLE ONLY app."odd; Type: VIEW; Schema: x" ALTER COLUMN id SET STATISTICS 5;


--
-- Name: t_id_seq; Type: SEQUENCE; Schema: app; Owner: -
--

ALTER TABLE app.t ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME app.t_id_seq
    START WITH 1
);


--
-- Name: s; Type: SEQUENCE OWNED BY; Schema: app; Owner: -
--

ALTER SEQUENCE app.s OWNED BY app.t.id;


--
-- Name: ft; Type: FOREIGN TABLE; Schema: app; Owner: -
--

CREATE FOREIGN TABLE app.ft (
    id integer
)
SERVER somewhere;


--
-- Name: p1; Type: TABLE ATTACH; Schema: app; Owner: -
--

ALTER TABLE ONLY app.p ATTACH PARTITION app.p1 FOR VALUES IN (1);


--
-- Name: ft id; Type: DEFAULT; Schema: app; Owner: -
--

ALTER FOREIGN TABLE ONLY app.ft ALTER COLUMN id SET DEFAULT 5;


--
-- Name: t id; Type: DEFAULT; Schema: app; Owner: -
--

ALTER TABLE ONLY app.t ALTER COLUMN id SET DEFAULT 5;


--
-- Name: v; Type: VIEW; Schema: app; Owner: -
--

CREATE VIEW app.v AS
 SELECT 1 AS a;


--
-- Name: m; Type: MATERIALIZED VIEW; Schema: app; Owner: -
--

CREATE MATERIALIZED VIEW app.m AS
 SELECT 1 AS a
  WITH NO DATA;


--
-- Name: conf; Type: TEXT SEARCH CONFIGURATION; Schema: app; Owner: -
--

CREATE TEXT SEARCH CONFIGURATION app.conf (
    PARSER = pg_catalog."default" );

ALTER TEXT SEARCH CONFIGURATION app.conf
    ADD MAPPING FOR word WITH simple;


--
-- Name: i; Type: INDEX; Schema: app; Owner: -
--

CREATE INDEX i ON app.t USING btree (id);

ALTER TABLE app.t CLUSTER ON i;


--
-- Name: i1; Type: INDEX ATTACH; Schema: app; Owner: -
--

ALTER INDEX app.i ATTACH PARTITION app.i1;


--
-- Name: t t_fk; Type: FK CONSTRAINT; Schema: app; Owner: -
--

ALTER TABLE ONLY app.t
    ADD CONSTRAINT t_fk FOREIGN KEY (id) REFERENCES app.o(id);


--
-- Name: t; Type: ROW SECURITY; Schema: app; Owner: -
--

ALTER TABLE app.t ENABLE ROW LEVEL SECURITY;

--
-- Name: pol; Type: POLICY; Schema: app; Owner: -
--

CREATE POLICY pol ON app.t USING ((id > 0));


--
-- Name: c; Type: OPERATOR CLASS; Schema: app; Owner: -
--

CREATE OPERATOR CLASS app.c
    FOR TYPE app.mood USING btree AS
    OPERATOR 1 <;


--
-- Name: TABLE t; Type: COMMENT; Schema: app; Owner: -
--

COMMENT ON TABLE app.t IS 'it''s; -- Name: x';


--
-- PostgreSQL database dump complete
--

\unrestrict 4tJ

CREATE TABLE after_the_end (a integer);
