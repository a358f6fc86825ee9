CREATE INDEX root_i ON ONLY public.root USING btree (id);
CREATE UNIQUE INDEX one_i ON public.one USING btree (id);
CREATE INDEX m_i ON public.m USING btree (id);
ALTER INDEX public.root_i ATTACH PARTITION public.one_i;
ALTER INDEX public.root_pkey ATTACH PARTITION public.one_pkey;
