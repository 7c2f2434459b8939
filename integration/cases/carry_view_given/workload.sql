\set i random(1, 749) * 4 + :client_id % 4
\set k 1000000 + :client_id
BEGIN;
UPDATE seen SET a = a + 1 WHERE id = :i;
UPDATE twin SET b = b + 1 WHERE id = :i;
UPDATE t SET c = :i WHERE id = :i;
UPDATE twin SET c = :i WHERE id = :i;
INSERT INTO seen VALUES (:k, 7);
INSERT INTO twin VALUES (:k, 7);
SELECT count(*) FROM above WHERE a = :i;
SELECT id FROM fewer WHERE id = :i;
SELECT * FROM keyed WHERE id = :i;
COMMIT;
BEGIN;
DELETE FROM seen WHERE id = :k;
DELETE FROM twin WHERE id = :k;
COMMIT;
