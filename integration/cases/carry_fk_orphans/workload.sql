\set i random(1, 749) * 4 + :client_id
BEGIN;
UPDATE t SET a = a WHERE id = :i;
INSERT INTO child (t) VALUES (:i);
COMMIT;
