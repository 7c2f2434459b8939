CREATE TABLE public.orders (id int PRIMARY KEY, amount int);
INSERT INTO public.orders SELECT i, i FROM generate_series(1, 20000) AS i;
