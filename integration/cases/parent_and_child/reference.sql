ALTER TABLE t ALTER id TYPE bigint;
ALTER TABLE c ALTER id TYPE bigint, ALTER p TYPE bigint;
ALTER SEQUENCE t_id_seq AS bigint;
ALTER SEQUENCE c_id_seq AS bigint;
