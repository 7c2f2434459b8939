ALTER TABLE t ALTER parent TYPE bigint, ALTER number TYPE bigint, ALTER id TYPE bigint;
ALTER TABLE t RENAME parent TO big_parent;
ALTER TABLE t RENAME number TO big_number;
ALTER TABLE t RENAME id TO big_id;
ALTER SEQUENCE t_id_seq AS bigint;
