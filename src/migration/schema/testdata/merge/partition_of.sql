CREATE TABLE public.root (
    id integer NOT NULL
)
PARTITION BY RANGE (id);
CREATE TABLE public.one PARTITION OF public.root FOR VALUES FROM (1) TO (2);
CREATE TABLE public.plain (
    id integer NOT NULL
);
ALTER TABLE ONLY public.root ADD CONSTRAINT root_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.one ADD CONSTRAINT one_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.plain ADD CONSTRAINT plain_pkey PRIMARY KEY (id);
