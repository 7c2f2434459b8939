SET search_path = "$user", public, extensions;
CREATE TABLE public.t (id int PRIMARY KEY, name text, n int);
CREATE INDEX t_plain ON public.t (plain(name));
CREATE INDEX t_plainer ON public.t (plainer(name)) WHERE plainer(name) <> 'x';
INSERT INTO public.t SELECT i, 'é' || i, i FROM generate_series(1, 5000) AS i;
