-- setting variables for current session
SET row_security = off;


CREATE TABLE public.a (
    id integer NOT NULL,
    note text DEFAULT ')'::text, -- the last column, so far
    n numeric(10,2)  -- with a note
)
WITH (fillfactor='70');


CREATE TABLE public.empty (
);


CREATE TABLE public.b (
    id integer
);


ALTER TABLE ONLY public.a
    ADD CONSTRAINT a_pkey PRIMARY KEY (id) WITH (fillfactor='80');


-- keep me
ALTER TABLE public.a
    ADD CONSTRAINT a_check CHECK (((n > (0)::numeric) AND (length(note) > 2))) ;


ALTER TABLE ONLY public.empty ADD CONSTRAINT e CHECK (true);


ALTER TABLE public.a ADD CONSTRAINT later CHECK ((n < 5)) NOT VALID;


ALTER TABLE public.a ADD CONSTRAINT own CHECK (public.is_good(n));


ALTER TABLE public.a ADD CONSTRAINT x CHECK (true), ADD CONSTRAINT y CHECK (true);


ALTER TABLE ONLY public.a ADD CONSTRAINT a_u UNIQUE (note);


ALTER TABLE ONLY public.b ADD CONSTRAINT b_pkey PRIMARY KEY USING INDEX b_index;


ALTER TABLE ONLY public.elsewhere ADD CONSTRAINT e_pkey PRIMARY KEY (id);
