COMMENT ON TABLE public.one IS 'x';
COMMENT ON INDEX public.one_i IS 'x';
COMMENT ON INDEX public.m_i IS 'x';
COMMENT ON CONSTRAINT one_u ON public.one IS 'x';
COMMENT ON CONSTRAINT one_c ON public.one IS 'x';
COMMENT ON CONSTRAINT one_pkey ON public.one IS 'x';
COMMENT ON CONSTRAINT one_fk ON public.one IS 'x';
