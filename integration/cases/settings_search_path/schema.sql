SET search_path = "$user", public, extensions;
CREATE TABLE public.t (id int PRIMARY KEY, name text CHECK (plain(name) <> '') CHECK (plainer(name) <> ''), mail citext UNIQUE, n int);
INSERT INTO public.t SELECT i, 'é' || i, 'Mail' || i, i FROM generate_series(1, 5000) AS i;
