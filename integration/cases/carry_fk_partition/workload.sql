\set i random(1, 749) * 4 + :client_id
\set p random(0, 199)
BEGIN;
UPDATE t SET p = :p WHERE id = :i;
UPDATE twin SET p = :p WHERE id = :i;
INSERT INTO parts (kind, t) VALUES (1, :i), (2, -:i);
COMMIT;
