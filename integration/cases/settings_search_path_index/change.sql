ALTER TABLE public.t ALTER n TYPE bigint;
CREATE INDEX t_new ON public.t (mine(id));
