ALTER TABLE t ALTER id TYPE bigint, ALTER small TYPE int, ALTER capped TYPE bigint, ALTER down TYPE numeric, ALTER free TYPE bigint, ALTER ident TYPE bigint,
              ALTER user_set TYPE bigint;
ALTER SEQUENCE public.t_user_set_seq AS bigint MAXVALUE 5000000000 /* of ours */ CACHE 7 OWNED BY t.user_set;
ALTER SEQUENCE t_ident_seq AS bigint;
ALTER SEQUENCE IF EXISTS nowhere AS bigint;
