CREATE TABLE public.root (
    id integer NOT NULL
)
PARTITION BY RANGE (id);
CREATE TABLE public.one (
    id integer NOT NULL
);
CREATE TABLE public.parent (
    id integer NOT NULL
);
CREATE TABLE public.child (
)
INHERITS (public.parent);
ALTER TABLE ONLY public.root ADD CONSTRAINT root_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.one ADD CONSTRAINT one_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.child ADD CONSTRAINT child_pkey PRIMARY KEY (id);
ALTER TABLE public.root ADD CONSTRAINT root_check CHECK (true);
ALTER TABLE public.one ADD CONSTRAINT one_check CHECK (true);
ALTER TABLE public.parent ADD CONSTRAINT parent_check CHECK (true);
ALTER TABLE ONLY public.root ATTACH PARTITION public.one FOR VALUES FROM (1) TO (2);
