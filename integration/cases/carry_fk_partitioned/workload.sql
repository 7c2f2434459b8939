\set i random(1, 749) * 4 + :client_id
BEGIN;
UPDATE t SET a = a + 1 WHERE id = :i;
UPDATE twin SET a = a + 1 WHERE id = :i;
INSERT INTO parts (kind, t) VALUES (1, :i), (2, :i), (3, :i);
COMMIT;
