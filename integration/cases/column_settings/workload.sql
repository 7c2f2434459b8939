\set i random(1, 749) * 4 + :client_id % 4
BEGIN;
UPDATE t SET a = repeat('b', :i % 500), b = :i WHERE id = :i;
UPDATE twin SET a = repeat('b', :i % 500), b = :i WHERE id = :i;
DELETE FROM t WHERE id = :i + 4 AND id % 3 = 0;
DELETE FROM twin WHERE id = :i + 4 AND id % 3 = 0;
COMMIT;
