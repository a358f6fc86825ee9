CREATE FUNCTION public.f(a integer) RETURNS integer
    LANGUAGE plpgsql
    AS $_$
begin
  -- a ; in a comment, and a quote '

  return $1; /* never closed
end;
$_$;
/* before /* nested ; */ ; */ CREATE PROCEDURE p()
    LANGUAGE sql
BEGIN ATOMIC
 INSERT INTO t VALUES (CASE WHEN true THEN 1 ELSE 2 END);
 DELETE FROM t;
END;
CREATE OR REPLACE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT CASE a WHEN 1 THEN 2 END FROM t; END;
CREATE RULE r AS ON INSERT TO t DO (INSERT INTO a VALUES (1); INSERT INTO b VALUES (2));
CREATE FUNCTION begin_it() RETURNS int LANGUAGE sql AS 'select 1; select 2';
CREATE TABLE "semi;colon" (a text DEFAULT E'it\'s; fine', b text DEFAULT 'x''y;', c text DEFAULT U&'\0441;');
select $1, a$b$c, '$$;$$';
COPY t FROM stdin;
this is no sql at all;
-- the next one is never closed
CREATE VIEW v AS SELECT 'oops;
-- end
