ALTER TABLE t ALTER id TYPE bigint, ALTER n TYPE bigint;
CREATE INDEX t_slow ON t (public.slow(id));
CREATE INDEX t_id_slow ON t (public.slow(id), id);
