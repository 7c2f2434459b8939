\set i random(1, 4999) * 4 + :client_id % 4
\set k 1000000 + :client_id
BEGIN;
UPDATE typed SET a = a + 1 WHERE id = :i;
UPDATE twin SET a = a + 1 WHERE id = :i;
UPDATE deeper SET twice = twice + 2 WHERE id = :i;
UPDATE twin SET a = a + 1 WHERE id = :i;
INSERT INTO typed (id, a) VALUES (:k, 1);
INSERT INTO twin (id, a, note) VALUES (:k, 1, 'from the view');
UPDATE plain SET note = 'w' WHERE id = :i;
UPDATE twin SET note = 'w' WHERE id = :i;
SELECT count(*) FROM deepest WHERE twice = :i;
COMMIT;
BEGIN;
DELETE FROM ruled WHERE id = :k;
DELETE FROM twin WHERE id = :k;
COMMIT;
