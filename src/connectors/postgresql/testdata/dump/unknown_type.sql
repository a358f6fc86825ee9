--
-- PostgreSQL database dump
--

SET statement_timeout = 0;

--
-- TOC entry 11 (class 9999 OID 16803)
-- Name: x; Type: KIND OF TOMORROW; Schema: app; Owner: someone
--

CREATE KIND OF TOMORROW app.x;


ALTER KIND OF TOMORROW app.x OWNER TO someone;


--
-- TOC entry 12 (class 0 OID 0)
-- Dependencies: 11
-- Name: KIND OF TOMORROW x; Type: COMMENT; Schema: app; Owner: someone
--

COMMENT ON KIND OF TOMORROW app.x IS 'its object is left out, and so is this';


--
-- TOC entry 13 (class 0 OID 0)
-- Name: frozen; Type: DATABASE PROPERTIES; Schema: -; Owner: someone
--

ALTER DATABASE frozen SET default_transaction_read_only TO 'on';
ALTER DATABASE frozen SET work_mem TO '5MB';


\connect frozen

SET statement_timeout = 0;

--
-- PostgreSQL database dump complete
--
