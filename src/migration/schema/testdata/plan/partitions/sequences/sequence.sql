CREATE SEQUENCE public.s;
ALTER SEQUENCE public.s OWNED BY public.one.id;
