CREATE TABLE public.t (id int PRIMARY KEY, wide text);
INSERT INTO public.t SELECT i, (SELECT string_agg(md5((i * k)::text), '') FROM generate_series(1, 60) AS k)
  FROM generate_series(1, 9000) AS i;
CREATE INDEX t_wide ON public.t (wide);
