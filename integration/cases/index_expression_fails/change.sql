CREATE UNIQUE INDEX t_int4_idx ON t (id, ((j ->> 'n')::int)) WHERE id > 100;
