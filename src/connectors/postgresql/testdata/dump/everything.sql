-- schemas:app,public
--
-- PostgreSQL database dump
--

\restrict m1WEK4VeaAQy0RCYYVWJchaSeZFj92SwgS9Bp8sJWWzyEE5k6jcQwrsgVvrnFUq

-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

-- Started on 2026-11-26 15:10:26 UTC

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- TOC entry 3703 (class 1262 OID 16799)
-- Name: everything; Type: DATABASE; Schema: -; Owner: postgres
--

CREATE DATABASE everything WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE_PROVIDER = libc LOCALE = 'C.UTF-8';


ALTER DATABASE everything OWNER TO postgres;

\unrestrict m1WEK4VeaAQy0RCYYVWJchaSeZFj92SwgS9Bp8sJWWzyEE5k6jcQwrsgVvrnFUq
\connect everything
\restrict m1WEK4VeaAQy0RCYYVWJchaSeZFj92SwgS9Bp8sJWWzyEE5k6jcQwrsgVvrnFUq

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- TOC entry 3704 (class 0 OID 0)
-- Dependencies: 3703
-- Name: DATABASE everything; Type: COMMENT; Schema: -; Owner: postgres
--

COMMENT ON DATABASE everything IS 'db note';


--
-- TOC entry 3706 (class 0 OID 0)
-- Name: everything; Type: DATABASE PROPERTIES; Schema: -; Owner: postgres
--

ALTER DATABASE everything SET work_mem TO '5MB';
ALTER DATABASE everything SET search_path TO 'app', 'public';
ALTER ROLE r_app IN DATABASE everything SET statement_timeout TO '7s';


\unrestrict m1WEK4VeaAQy0RCYYVWJchaSeZFj92SwgS9Bp8sJWWzyEE5k6jcQwrsgVvrnFUq
\connect everything
\restrict m1WEK4VeaAQy0RCYYVWJchaSeZFj92SwgS9Bp8sJWWzyEE5k6jcQwrsgVvrnFUq

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- TOC entry 11 (class 2615 OID 16803)
-- Name: app; Type: SCHEMA; Schema: -; Owner: r_owner
--

CREATE SCHEMA app;


ALTER SCHEMA app OWNER TO r_owner;

--
-- TOC entry 1053 (class 2612 OID 17211)
-- Name: own_lang; Type: PROCEDURAL LANGUAGE; Schema: -; Owner: postgres
--

CREATE OR REPLACE PROCEDURAL LANGUAGE own_lang;


ALTER PROCEDURAL LANGUAGE own_lang OWNER TO postgres;

--
-- TOC entry 3137 (class 3456 OID 17073)
-- Name: nocase; Type: COLLATION; Schema: app; Owner: postgres
--

CREATE COLLATION app.nocase (provider = icu, deterministic = false, locale = 'und-u-ks-level2');


ALTER COLLATION app.nocase OWNER TO postgres;

--
-- TOC entry 993 (class 1247 OID 17062)
-- Name: comp; Type: TYPE; Schema: app; Owner: postgres
--

CREATE TYPE app.comp AS (
	a integer,
	b text
);


ALTER TYPE app.comp OWNER TO postgres;

--
-- TOC entry 3503 (class 3576 OID 17190)
-- Dependencies: 993
-- Name: TRANSFORM FOR app.comp LANGUAGE sql; Type: TRANSFORM; Schema: -; Owner: -
--

CREATE TRANSFORM FOR app.comp LANGUAGE sql (FROM SQL WITH FUNCTION pg_catalog.prsd_lextype(internal));


--
-- TOC entry 3 (class 3079 OID 16933)
-- Name: citext; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public;


--
-- TOC entry 3709 (class 0 OID 0)
-- Dependencies: 3
-- Name: EXTENSION citext; Type: COMMENT; Schema: -; Owner: 
--

COMMENT ON EXTENSION citext IS 'data type for case-insensitive character strings';


--
-- TOC entry 2 (class 3079 OID 16805)
-- Name: hstore; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS hstore WITH SCHEMA other;


--
-- TOC entry 3710 (class 0 OID 0)
-- Dependencies: 2
-- Name: EXTENSION hstore; Type: COMMENT; Schema: -; Owner: 
--

COMMENT ON EXTENSION hstore IS 'data type for storing sets of (key, value) pairs';


--
-- TOC entry 4 (class 3079 OID 17038)
-- Name: postgres_fdw; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS postgres_fdw WITH SCHEMA public;


--
-- TOC entry 3711 (class 0 OID 0)
-- Dependencies: 4
-- Name: EXTENSION postgres_fdw; Type: COMMENT; Schema: -; Owner: 
--

COMMENT ON EXTENSION postgres_fdw IS 'foreign-data wrapper for remote PostgreSQL servers';


--
-- TOC entry 5 (class 3079 OID 17045)
-- Name: unaccent; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA public;


--
-- TOC entry 3712 (class 0 OID 0)
-- Dependencies: 5
-- Name: EXTENSION unaccent; Type: COMMENT; Schema: -; Owner: 
--

COMMENT ON EXTENSION unaccent IS 'text search dictionary that removes accents';


--
-- TOC entry 1049 (class 0 OID 0)
-- Name: base; Type: SHELL TYPE; Schema: app; Owner: postgres
--

CREATE TYPE app.base;


--
-- TOC entry 370 (class 1255 OID 17213)
-- Name: base_in(cstring); Type: FUNCTION; Schema: app; Owner: postgres
--

CREATE FUNCTION app.base_in(cstring) RETURNS app.base
    LANGUAGE internal IMMUTABLE STRICT
    AS $$textin$$;


ALTER FUNCTION app.base_in(cstring) OWNER TO postgres;

--
-- TOC entry 371 (class 1255 OID 17214)
-- Name: base_out(app.base); Type: FUNCTION; Schema: app; Owner: postgres
--

CREATE FUNCTION app.base_out(app.base) RETURNS cstring
    LANGUAGE internal IMMUTABLE STRICT
    AS $$textout$$;


ALTER FUNCTION app.base_out(app.base) OWNER TO postgres;

--
-- TOC entry 1048 (class 1247 OID 17212)
-- Name: base; Type: TYPE; Schema: app; Owner: postgres
--

CREATE TYPE app.base (
    INTERNALLENGTH = variable,
    INPUT = app.base_in,
    OUTPUT = app.base_out,
    ALIGNMENT = int4,
    STORAGE = extended
);


ALTER TYPE app.base OWNER TO postgres;

--
-- TOC entry 1023 (class 1247 OID 17053)
-- Name: mood; Type: TYPE; Schema: app; Owner: r_owner
--

CREATE TYPE app.mood AS ENUM (
    'a',
    'b'
);


ALTER TYPE app.mood OWNER TO r_owner;

--
-- TOC entry 1024 (class 1247 OID 17058)
-- Name: pos; Type: DOMAIN; Schema: app; Owner: postgres
--

CREATE DOMAIN app.pos AS integer
	CONSTRAINT pos_check CHECK ((VALUE > 0));


ALTER DOMAIN app.pos OWNER TO postgres;

--
-- TOC entry 996 (class 1247 OID 17066)
-- Name: rng; Type: TYPE; Schema: app; Owner: postgres
--

CREATE TYPE app.rng AS RANGE (
    subtype = double precision,
    multirange_type_name = app.rng_multirange
);


ALTER TYPE app.rng OWNER TO postgres;

--
-- TOC entry 1047 (class 1247 OID 17210)
-- Name: shell; Type: TYPE; Schema: app; Owner: postgres
--

CREATE TYPE app.shell;


ALTER TYPE app.shell OWNER TO postgres;

--
-- TOC entry 368 (class 1255 OID 17074)
-- Name: m2i(app.mood); Type: FUNCTION; Schema: app; Owner: r_owner
--

CREATE FUNCTION app.m2i(app.mood) RETURNS integer
    LANGUAGE sql IMMUTABLE
    AS $$SELECT 1$$;


ALTER FUNCTION app.m2i(app.mood) OWNER TO r_owner;

--
-- TOC entry 3502 (class 2605 OID 17075)
-- Name: CAST (app.mood AS integer); Type: CAST; Schema: -; Owner: -
--

CREATE CAST (app.mood AS integer) WITH FUNCTION app.m2i(app.mood) AS ASSIGNMENT;


--
-- TOC entry 3417 (class 2605 OID 17076)
-- Name: CAST (character varying AS app.mood); Type: CAST; Schema: -; Owner: -
--

CREATE CAST (character varying AS app.mood) WITH INOUT AS IMPLICIT;


--
-- TOC entry 367 (class 1255 OID 17155)
-- Name: cmp_rev(integer, integer); Type: FUNCTION; Schema: app; Owner: postgres
--

CREATE FUNCTION app.cmp_rev(integer, integer) RETURNS integer
    LANGUAGE sql IMMUTABLE
    AS $_$SELECT $2 - $1$_$;


ALTER FUNCTION app.cmp_rev(integer, integer) OWNER TO postgres;

--
-- TOC entry 253 (class 1255 OID 17176)
-- Name: evf(); Type: FUNCTION; Schema: app; Owner: postgres
--

CREATE FUNCTION app.evf() RETURNS event_trigger
    LANGUAGE plpgsql
    AS $$BEGIN END$$;


ALTER FUNCTION app.evf() OWNER TO postgres;

--
-- TOC entry 366 (class 1255 OID 17152)
-- Name: proc(); Type: PROCEDURE; Schema: app; Owner: postgres
--

CREATE PROCEDURE app.proc()
    LANGUAGE sql
    AS $$SELECT 1$$;


ALTER PROCEDURE app.proc() OWNER TO postgres;

--
-- TOC entry 365 (class 1255 OID 17136)
-- Name: trg(); Type: FUNCTION; Schema: app; Owner: postgres
--

CREATE FUNCTION app.trg() RETURNS trigger
    LANGUAGE plpgsql
    AS $$BEGIN RETURN NEW; END$$;


ALTER FUNCTION app.trg() OWNER TO postgres;

--
-- TOC entry 1056 (class 1255 OID 17153)
-- Name: agg(integer); Type: AGGREGATE; Schema: app; Owner: postgres
--

CREATE AGGREGATE app.agg(integer) (
    SFUNC = int4pl,
    STYPE = integer
);


ALTER AGGREGATE app.agg(integer) OWNER TO postgres;

--
-- TOC entry 1910 (class 2601 OID 17185)
-- Name: own_heap; Type: ACCESS METHOD; Schema: -; Owner: -
--

CREATE ACCESS METHOD own_heap TYPE TABLE HANDLER heap_tableam_handler;


--
-- TOC entry 1902 (class 2617 OID 17154)
-- Name: ===; Type: OPERATOR; Schema: app; Owner: postgres
--

CREATE OPERATOR app.=== (
    FUNCTION = texteq,
    LEFTARG = text,
    RIGHTARG = text
);


ALTER OPERATOR app.=== (text, text) OWNER TO postgres;

--
-- TOC entry 2250 (class 2753 OID 17164)
-- Name: fam; Type: OPERATOR FAMILY; Schema: app; Owner: postgres
--

CREATE OPERATOR FAMILY app.fam USING hash;


ALTER OPERATOR FAMILY app.fam USING hash OWNER TO postgres;

--
-- TOC entry 2249 (class 2753 OID 17156)
-- Name: rev; Type: OPERATOR FAMILY; Schema: app; Owner: postgres
--

CREATE OPERATOR FAMILY app.rev USING btree;


ALTER OPERATOR FAMILY app.rev USING btree OWNER TO postgres;

--
-- TOC entry 2095 (class 2616 OID 17157)
-- Name: rev; Type: OPERATOR CLASS; Schema: app; Owner: postgres
--

CREATE OPERATOR CLASS app.rev
    FOR TYPE integer USING btree FAMILY app.rev AS
    OPERATOR 1 >(integer,integer) ,
    OPERATOR 2 >=(integer,integer) ,
    OPERATOR 3 =(integer,integer) ,
    OPERATOR 4 <=(integer,integer) ,
    OPERATOR 5 <(integer,integer) ,
    FUNCTION 1 (integer, integer) app.cmp_rev(integer,integer);


ALTER OPERATOR CLASS app.rev USING btree OWNER TO postgres;

--
-- TOC entry 3266 (class 2607 OID 17189)
-- Name: conv; Type: CONVERSION; Schema: app; Owner: postgres
--

CREATE CONVERSION app.conv FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;


ALTER CONVERSION app.conv OWNER TO postgres;

--
-- TOC entry 2252 (class 3601 OID 17168)
-- Name: tsp; Type: TEXT SEARCH PARSER; Schema: app; Owner: -
--

CREATE TEXT SEARCH PARSER app.tsp (
    START = prsd_start,
    GETTOKEN = prsd_nexttoken,
    END = prsd_end,
    LEXTYPES = prsd_lextype );


--
-- TOC entry 2259 (class 3764 OID 17167)
-- Name: tst; Type: TEXT SEARCH TEMPLATE; Schema: app; Owner: -
--

CREATE TEXT SEARCH TEMPLATE app.tst (
    INIT = dsimple_init,
    LEXIZE = dsimple_lexize );


--
-- TOC entry 2290 (class 3600 OID 17166)
-- Name: tsd; Type: TEXT SEARCH DICTIONARY; Schema: app; Owner: postgres
--

CREATE TEXT SEARCH DICTIONARY app.tsd (
    TEMPLATE = pg_catalog.simple,
    stopwords = 'english' );


ALTER TEXT SEARCH DICTIONARY app.tsd OWNER TO postgres;

--
-- TOC entry 2320 (class 3602 OID 17165)
-- Name: tsc; Type: TEXT SEARCH CONFIGURATION; Schema: app; Owner: postgres
--

CREATE TEXT SEARCH CONFIGURATION app.tsc (
    PARSER = pg_catalog."default" );

ALTER TEXT SEARCH CONFIGURATION app.tsc
    ADD MAPPING FOR asciiword WITH app.tsd;

ALTER TEXT SEARCH CONFIGURATION app.tsc
    ADD MAPPING FOR word WITH simple;

ALTER TEXT SEARCH CONFIGURATION app.tsc
    ADD MAPPING FOR numword WITH simple;

ALTER TEXT SEARCH CONFIGURATION app.tsc
    ADD MAPPING FOR email WITH simple;

ALTER TEXT SEARCH CONFIGURATION app.tsc
    ADD MAPPING FOR url WITH simple;

ALTER TEXT SEARCH CONFIGURATION app.tsc
    ADD MAPPING FOR host WITH simple;

ALTER TEXT SEARCH CONFIGURATION app.tsc
    ADD MAPPING FOR sfloat WITH simple;

ALTER TEXT SEARCH CONFIGURATION app.tsc
    ADD MAPPING FOR version WITH simple;

ALTER TEXT SEARCH CONFIGURATION app.tsc
    ADD MAPPING FOR hword_numpart WITH simple;

ALTER TEXT SEARCH CONFIGURATION app.tsc
    ADD MAPPING FOR hword_part WITH simple;

ALTER TEXT SEARCH CONFIGURATION app.tsc
    ADD MAPPING FOR hword_asciipart WITH simple;

ALTER TEXT SEARCH CONFIGURATION app.tsc
    ADD MAPPING FOR numhword WITH simple;

ALTER TEXT SEARCH CONFIGURATION app.tsc
    ADD MAPPING FOR asciihword WITH simple;

ALTER TEXT SEARCH CONFIGURATION app.tsc
    ADD MAPPING FOR hword WITH simple;

ALTER TEXT SEARCH CONFIGURATION app.tsc
    ADD MAPPING FOR url_path WITH simple;

ALTER TEXT SEARCH CONFIGURATION app.tsc
    ADD MAPPING FOR file WITH simple;

ALTER TEXT SEARCH CONFIGURATION app.tsc
    ADD MAPPING FOR "float" WITH simple;

ALTER TEXT SEARCH CONFIGURATION app.tsc
    ADD MAPPING FOR "int" WITH simple;

ALTER TEXT SEARCH CONFIGURATION app.tsc
    ADD MAPPING FOR uint WITH simple;


ALTER TEXT SEARCH CONFIGURATION app.tsc OWNER TO postgres;

--
-- TOC entry 2322 (class 2328 OID 17178)
-- Name: own_fdw; Type: FOREIGN DATA WRAPPER; Schema: -; Owner: postgres
--

CREATE FOREIGN DATA WRAPPER own_fdw;


ALTER FOREIGN DATA WRAPPER own_fdw OWNER TO postgres;

--
-- TOC entry 2323 (class 1417 OID 17179)
-- Name: srv; Type: SERVER; Schema: -; Owner: postgres
--

CREATE SERVER srv FOREIGN DATA WRAPPER postgres_fdw OPTIONS (
    dbname 'd',
    host 'h'
);


ALTER SERVER srv OWNER TO postgres;

--
-- TOC entry 3718 (class 0 OID 0)
-- Name: USER MAPPING public SERVER srv; Type: USER MAPPING; Schema: -; Owner: postgres
--

CREATE USER MAPPING FOR public SERVER srv OPTIONS (
    password 'hidden2',
    "user" 'pub'
);


--
-- TOC entry 3719 (class 0 OID 0)
-- Name: USER MAPPING r_app SERVER srv; Type: USER MAPPING; Schema: -; Owner: postgres
--

CREATE USER MAPPING FOR r_app SERVER srv OPTIONS (
    password 'secr et''x',
    "user" 'u'
);


SET default_table_access_method = own_heap;

--
-- TOC entry 233 (class 1259 OID 17186)
-- Name: am; Type: TABLE; Schema: app; Owner: postgres
--

CREATE TABLE app.am (
    a integer
);


ALTER TABLE app.am OWNER TO postgres;

--
-- TOC entry 232 (class 1259 OID 17182)
-- Name: ft; Type: FOREIGN TABLE; Schema: app; Owner: postgres
--

CREATE FOREIGN TABLE app.ft (
    l text
)
SERVER srv
OPTIONS (
    table_name 't'
);
ALTER FOREIGN TABLE app.ft ALTER COLUMN l OPTIONS (
    column_name 'x'
);


ALTER FOREIGN TABLE app.ft OWNER TO postgres;

SET default_table_access_method = heap;

--
-- TOC entry 223 (class 1259 OID 17079)
-- Name: t; Type: TABLE; Schema: app; Owner: r_owner
--

CREATE TABLE app.t (
    id integer NOT NULL,
    s integer DEFAULT nextval('other.oseq'::regclass) NOT NULL,
    m app.mood,
    c other.hstore,
    p app.pos,
    txt text DEFAULT 'x'::text,
    CONSTRAINT t_p_check CHECK (((p)::integer < 100))
);

ALTER TABLE ONLY app.t FORCE ROW LEVEL SECURITY;


ALTER TABLE app.t OWNER TO r_owner;

--
-- TOC entry 3720 (class 0 OID 0)
-- Dependencies: 223
-- Name: TABLE t; Type: COMMENT; Schema: app; Owner: r_owner
--

COMMENT ON TABLE app.t IS 'a note';


--
-- TOC entry 3721 (class 0 OID 0)
-- Dependencies: 223
-- Name: COLUMN t.id; Type: COMMENT; Schema: app; Owner: r_owner
--

COMMENT ON COLUMN app.t.id IS 'col note';


--
-- TOC entry 231 (class 1259 OID 17147)
-- Name: mv; Type: MATERIALIZED VIEW; Schema: app; Owner: postgres
--

CREATE MATERIALIZED VIEW app.mv AS
 SELECT count(*) AS n
   FROM app.t
  WITH NO DATA;


ALTER TABLE app.mv OWNER TO postgres;

--
-- TOC entry 227 (class 1259 OID 17111)
-- Name: par; Type: TABLE; Schema: app; Owner: postgres
--

CREATE TABLE app.par (
    k integer NOT NULL,
    v text,
    CONSTRAINT par_k_check CHECK ((k <> 7))
)
PARTITION BY RANGE (k);


ALTER TABLE app.par OWNER TO postgres;

--
-- TOC entry 228 (class 1259 OID 17116)
-- Name: par1; Type: TABLE; Schema: app; Owner: postgres
--

CREATE TABLE app.par1 (
    k integer NOT NULL,
    v text,
    CONSTRAINT par_k_check CHECK ((k <> 7))
);


ALTER TABLE app.par1 OWNER TO postgres;

--
-- TOC entry 229 (class 1259 OID 17123)
-- Name: par2; Type: TABLE; Schema: app; Owner: postgres
--

CREATE TABLE app.par2 (
    k integer NOT NULL,
    v text,
    CONSTRAINT par_k_check CHECK ((k <> 7))
);


ALTER TABLE app.par2 OWNER TO postgres;

--
-- TOC entry 221 (class 1259 OID 17077)
-- Name: t_id_seq; Type: SEQUENCE; Schema: app; Owner: r_owner
--

ALTER TABLE app.t ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME app.t_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- TOC entry 222 (class 1259 OID 17078)
-- Name: t_s_seq; Type: SEQUENCE; Schema: app; Owner: r_owner
--

CREATE SEQUENCE app.t_s_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE app.t_s_seq OWNER TO r_owner;

--
-- TOC entry 3725 (class 0 OID 0)
-- Dependencies: 222
-- Name: t_s_seq; Type: SEQUENCE OWNED BY; Schema: app; Owner: r_owner
--

ALTER SEQUENCE app.t_s_seq OWNED BY app.t.s;


--
-- TOC entry 230 (class 1259 OID 17141)
-- Name: v; Type: VIEW; Schema: app; Owner: r_app
--

CREATE VIEW app.v AS
 SELECT t.id,
    t.txt
   FROM app.t;


ALTER TABLE app.v OWNER TO r_app;

--
-- TOC entry 236 (class 1259 OID 17203)
-- Name: base; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.base (
    y integer
);


ALTER TABLE public.base OWNER TO postgres;

--
-- TOC entry 237 (class 1259 OID 17206)
-- Name: chi; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.chi (
    x integer
)
INHERITS (public.base);


ALTER TABLE public.chi OWNER TO postgres;

--
-- TOC entry 234 (class 1259 OID 17195)
-- Name: idx; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.idx (
    a integer NOT NULL
);


ALTER TABLE public.idx OWNER TO postgres;

--
-- TOC entry 3505 (class 0 OID 0)
-- Name: par1; Type: TABLE ATTACH; Schema: app; Owner: postgres
--

ALTER TABLE ONLY app.par ATTACH PARTITION app.par1 FOR VALUES FROM (0) TO (10);


--
-- TOC entry 3506 (class 0 OID 0)
-- Name: par2; Type: TABLE ATTACH; Schema: app; Owner: postgres
--

ALTER TABLE ONLY app.par ATTACH PARTITION app.par2 DEFAULT;


--
-- TOC entry 3509 (class 2606 OID 17216)
-- Name: t nv; Type: CHECK CONSTRAINT; Schema: app; Owner: r_owner
--

ALTER TABLE app.t
    ADD CONSTRAINT nv CHECK (((p)::integer > 1)) NOT VALID;


--
-- TOC entry 3523 (class 2606 OID 17115)
-- Name: par par_pkey; Type: CONSTRAINT; Schema: app; Owner: postgres
--

ALTER TABLE ONLY app.par
    ADD CONSTRAINT par_pkey PRIMARY KEY (k);


--
-- TOC entry 3526 (class 2606 OID 17120)
-- Name: par1 par1_pkey; Type: CONSTRAINT; Schema: app; Owner: postgres
--

ALTER TABLE ONLY app.par1
    ADD CONSTRAINT par1_pkey PRIMARY KEY (k);


--
-- TOC entry 3529 (class 2606 OID 17127)
-- Name: par2 par2_pkey; Type: CONSTRAINT; Schema: app; Owner: postgres
--

ALTER TABLE ONLY app.par2
    ADD CONSTRAINT par2_pkey PRIMARY KEY (k);


--
-- TOC entry 3515 (class 2606 OID 17088)
-- Name: t t_pkey; Type: CONSTRAINT; Schema: app; Owner: r_owner
--

ALTER TABLE ONLY app.t
    ADD CONSTRAINT t_pkey PRIMARY KEY (id);


--
-- TOC entry 3517 (class 2606 OID 17218)
-- Name: t t_txt_excl; Type: CONSTRAINT; Schema: app; Owner: r_owner
--

ALTER TABLE ONLY app.t
    ADD CONSTRAINT t_txt_excl EXCLUDE USING btree (txt WITH =);


--
-- TOC entry 3521 (class 2606 OID 17090)
-- Name: t u; Type: CONSTRAINT; Schema: app; Owner: r_owner
--

ALTER TABLE ONLY app.t
    ADD CONSTRAINT u UNIQUE (s);


--
-- TOC entry 3533 (class 2606 OID 17199)
-- Name: idx idx_a_key; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.idx
    ADD CONSTRAINT idx_a_key UNIQUE (a);

ALTER TABLE public.idx CLUSTER ON idx_a_key;

ALTER TABLE ONLY public.idx REPLICA IDENTITY USING INDEX idx_a_key;


--
-- TOC entry 3531 (class 1259 OID 17151)
-- Name: mv_n_idx; Type: INDEX; Schema: app; Owner: postgres
--

CREATE UNIQUE INDEX mv_n_idx ON app.mv USING btree (n);


--
-- TOC entry 3524 (class 1259 OID 17130)
-- Name: pi; Type: INDEX; Schema: app; Owner: postgres
--

CREATE INDEX pi ON ONLY app.par USING btree (v);


--
-- TOC entry 3527 (class 1259 OID 17131)
-- Name: par1_v_idx; Type: INDEX; Schema: app; Owner: postgres
--

CREATE INDEX par1_v_idx ON app.par1 USING btree (v);


--
-- TOC entry 3530 (class 1259 OID 17132)
-- Name: par2_v_idx; Type: INDEX; Schema: app; Owner: postgres
--

CREATE INDEX par2_v_idx ON app.par2 USING btree (v);


--
-- TOC entry 3518 (class 1259 OID 17109)
-- Name: ti; Type: INDEX; Schema: app; Owner: r_owner
--

CREATE INDEX ti ON app.t USING btree (txt);


--
-- TOC entry 3726 (class 0 OID 0)
-- Dependencies: 3518
-- Name: INDEX ti; Type: COMMENT; Schema: app; Owner: r_owner
--

COMMENT ON INDEX app.ti IS 'i note';


--
-- TOC entry 3519 (class 1259 OID 17110)
-- Name: tx; Type: INDEX; Schema: app; Owner: r_owner
--

CREATE INDEX tx ON app.t USING btree (lower(txt)) WHERE (id > 3);
ALTER INDEX app.tx ALTER COLUMN 1 SET STATISTICS 100;


--
-- TOC entry 3534 (class 0 OID 0)
-- Name: par1_pkey; Type: INDEX ATTACH; Schema: app; Owner: postgres
--

ALTER INDEX app.par_pkey ATTACH PARTITION app.par1_pkey;


--
-- TOC entry 3535 (class 0 OID 0)
-- Name: par1_v_idx; Type: INDEX ATTACH; Schema: app; Owner: postgres
--

ALTER INDEX app.pi ATTACH PARTITION app.par1_v_idx;


--
-- TOC entry 3536 (class 0 OID 0)
-- Name: par2_pkey; Type: INDEX ATTACH; Schema: app; Owner: postgres
--

ALTER INDEX app.par_pkey ATTACH PARTITION app.par2_pkey;


--
-- TOC entry 3537 (class 0 OID 0)
-- Name: par2_v_idx; Type: INDEX ATTACH; Schema: app; Owner: postgres
--

ALTER INDEX app.pi ATTACH PARTITION app.par2_v_idx;


--
-- TOC entry 3538 (class 3381 OID 17169)
-- Name: sto; Type: STATISTICS; Schema: app; Owner: postgres
--

CREATE STATISTICS app.sto ON id, txt FROM app.t;


ALTER STATISTICS app.sto OWNER TO postgres;

--
-- TOC entry 3688 (class 2618 OID 17146)
-- Name: t r2; Type: RULE; Schema: app; Owner: r_owner
--

CREATE RULE r2 AS
    ON UPDATE TO app.t DO NOTHING;
ALTER TABLE app.t DISABLE RULE r2;


--
-- TOC entry 3687 (class 2618 OID 17145)
-- Name: v rl; Type: RULE; Schema: app; Owner: r_app
--

CREATE RULE rl AS
    ON INSERT TO app.v DO INSTEAD NOTHING;


--
-- TOC entry 3541 (class 2620 OID 17138)
-- Name: par ptr; Type: TRIGGER; Schema: app; Owner: postgres
--

CREATE TRIGGER ptr AFTER INSERT ON app.par FOR EACH ROW EXECUTE FUNCTION app.trg();


--
-- TOC entry 3542 (class 2620 OID 17139)
-- Name: par1 ptr; Type: TRIGGER; Schema: app; Owner: postgres
--


ALTER TABLE app.par1 DISABLE TRIGGER ptr;


--
-- TOC entry 3540 (class 2620 OID 17137)
-- Name: t tr; Type: TRIGGER; Schema: app; Owner: r_owner
--

CREATE TRIGGER tr BEFORE UPDATE ON app.t FOR EACH ROW EXECUTE FUNCTION app.trg();

ALTER TABLE app.t DISABLE TRIGGER tr;


--
-- TOC entry 3539 (class 2606 OID 17103)
-- Name: t fk; Type: FK CONSTRAINT; Schema: app; Owner: r_owner
--

ALTER TABLE ONLY app.t
    ADD CONSTRAINT fk FOREIGN KEY (id) REFERENCES other.o(id);


--
-- TOC entry 3727 (class 0 OID 0)
-- Dependencies: 3539
-- Name: CONSTRAINT fk ON t; Type: COMMENT; Schema: app; Owner: r_owner
--

COMMENT ON CONSTRAINT fk ON app.t IS 'fk note';


--
-- TOC entry 3691 (class 3256 OID 17191)
-- Name: t po; Type: POLICY; Schema: app; Owner: r_owner
--

CREATE POLICY po ON app.t USING ((id > 0));


--
-- TOC entry 3692 (class 3256 OID 17192)
-- Name: t po2; Type: POLICY; Schema: app; Owner: r_owner
--

CREATE POLICY po2 ON app.t AS RESTRICTIVE FOR SELECT TO r_app, r_grp USING ((id < 10));


--
-- TOC entry 3690 (class 0 OID 17079)
-- Dependencies: 223
-- Name: t; Type: ROW SECURITY; Schema: app; Owner: r_owner
--

ALTER TABLE app.t ENABLE ROW LEVEL SECURITY;

--
-- TOC entry 3693 (class 6104 OID 17170)
-- Name: pub; Type: PUBLICATION; Schema: -; Owner: postgres
--

CREATE PUBLICATION pub WITH (publish = 'insert, update, delete, truncate');


ALTER PUBLICATION pub OWNER TO postgres;

--
-- TOC entry 3694 (class 6104 OID 17173)
-- Name: pub_all; Type: PUBLICATION; Schema: -; Owner: postgres
--

CREATE PUBLICATION pub_all FOR ALL TABLES WITH (publish = 'insert, update, delete, truncate');


ALTER PUBLICATION pub_all OWNER TO postgres;

--
-- TOC entry 3695 (class 6104 OID 17174)
-- Name: pub_s; Type: PUBLICATION; Schema: -; Owner: postgres
--

CREATE PUBLICATION pub_s WITH (publish = 'insert, update, delete, truncate');


ALTER PUBLICATION pub_s OWNER TO postgres;

--
-- TOC entry 3696 (class 6106 OID 17171)
-- Name: pub t; Type: PUBLICATION TABLE; Schema: app; Owner: postgres
--

ALTER PUBLICATION pub ADD TABLE ONLY app.t (id, txt) WHERE ((id > 0));


--
-- TOC entry 3697 (class 6237 OID 17175)
-- Name: pub_s app; Type: PUBLICATION TABLES IN SCHEMA; Schema: app; Owner: postgres
--

ALTER PUBLICATION pub_s ADD TABLES IN SCHEMA app;


--
-- TOC entry 3705 (class 0 OID 0)
-- Dependencies: 3703
-- Name: DATABASE everything; Type: ACL; Schema: -; Owner: postgres
--

REVOKE CONNECT,TEMPORARY ON DATABASE everything FROM PUBLIC;
GRANT TEMPORARY ON DATABASE everything TO PUBLIC;
GRANT CONNECT ON DATABASE everything TO r_app;


--
-- TOC entry 3707 (class 0 OID 0)
-- Dependencies: 11
-- Name: SCHEMA app; Type: ACL; Schema: -; Owner: r_owner
--

GRANT USAGE ON SCHEMA app TO r_app;


--
-- TOC entry 3708 (class 0 OID 0)
-- Dependencies: 1052
-- Name: LANGUAGE plpgsql; Type: ACL; Schema: -; Owner: postgres
--

GRANT ALL ON LANGUAGE plpgsql TO r_app;


--
-- TOC entry 3713 (class 0 OID 0)
-- Dependencies: 1023
-- Name: TYPE mood; Type: ACL; Schema: app; Owner: r_owner
--

GRANT ALL ON TYPE app.mood TO r_app;


--
-- TOC entry 3714 (class 0 OID 0)
-- Dependencies: 1024
-- Name: TYPE pos; Type: ACL; Schema: app; Owner: postgres
--

REVOKE ALL ON TYPE app.pos FROM PUBLIC;


--
-- TOC entry 3715 (class 0 OID 0)
-- Dependencies: 368
-- Name: FUNCTION m2i(app.mood); Type: ACL; Schema: app; Owner: r_owner
--

REVOKE ALL ON FUNCTION app.m2i(app.mood) FROM PUBLIC;
GRANT ALL ON FUNCTION app.m2i(app.mood) TO r_app;


--
-- TOC entry 3716 (class 0 OID 0)
-- Dependencies: 369
-- Name: FUNCTION pg_ls_dir(text); Type: ACL; Schema: pg_catalog; Owner: postgres
--

GRANT ALL ON FUNCTION pg_catalog.pg_ls_dir(text) TO r_app;


--
-- TOC entry 3717 (class 0 OID 0)
-- Dependencies: 2323
-- Name: FOREIGN SERVER srv; Type: ACL; Schema: -; Owner: postgres
--

GRANT ALL ON FOREIGN SERVER srv TO r_app;


--
-- TOC entry 3722 (class 0 OID 0)
-- Dependencies: 223
-- Name: TABLE t; Type: ACL; Schema: app; Owner: r_owner
--

GRANT SELECT ON TABLE app.t TO r_app WITH GRANT OPTION;
SET SESSION AUTHORIZATION r_app;
GRANT SELECT ON TABLE app.t TO r_grp;
RESET SESSION AUTHORIZATION;


--
-- TOC entry 3723 (class 0 OID 0)
-- Dependencies: 223 3722
-- Name: COLUMN t.id; Type: ACL; Schema: app; Owner: r_owner
--

GRANT SELECT(id) ON TABLE app.t TO r_grp;


--
-- TOC entry 3724 (class 0 OID 0)
-- Dependencies: 223 3722
-- Name: COLUMN t.txt; Type: ACL; Schema: app; Owner: r_owner
--

GRANT UPDATE(txt) ON TABLE app.t TO r_grp;


--
-- TOC entry 2324 (class 826 OID 17193)
-- Name: DEFAULT PRIVILEGES FOR TABLES; Type: DEFAULT ACL; Schema: app; Owner: postgres
--

ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA app GRANT SELECT ON TABLES  TO r_app;


--
-- TOC entry 2325 (class 826 OID 17194)
-- Name: DEFAULT PRIVILEGES FOR FUNCTIONS; Type: DEFAULT ACL; Schema: -; Owner: r_owner
--

ALTER DEFAULT PRIVILEGES FOR ROLE r_owner REVOKE ALL ON FUNCTIONS  FROM PUBLIC;


--
-- TOC entry 3504 (class 3466 OID 17177)
-- Name: evt; Type: EVENT TRIGGER; Schema: -; Owner: postgres
--

CREATE EVENT TRIGGER evt ON sql_drop
   EXECUTE FUNCTION app.evf();

ALTER EVENT TRIGGER evt DISABLE;


ALTER EVENT TRIGGER evt OWNER TO postgres;

-- Completed on 2026-11-26 15:10:26 UTC

--
-- PostgreSQL database dump complete
--

\unrestrict m1WEK4VeaAQy0RCYYVWJchaSeZFj92SwgS9Bp8sJWWzyEE5k6jcQwrsgVvrnFUq

