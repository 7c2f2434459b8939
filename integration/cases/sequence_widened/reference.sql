ALTER TABLE t ALTER id TYPE bigint, ALTER small TYPE int, ALTER capped TYPE bigint, ALTER down TYPE numeric, ALTER free TYPE bigint, ALTER ident TYPE bigint,
              ALTER user_set TYPE bigint;
ALTER SEQUENCE t_id_seq AS bigint;
ALTER SEQUENCE t_small_seq AS integer;
ALTER SEQUENCE t_capped_seq AS bigint;
ALTER SEQUENCE t_down_seq AS bigint;
ALTER SEQUENCE t_user_set_seq AS bigint MAXVALUE 5000000000 CACHE 7;
