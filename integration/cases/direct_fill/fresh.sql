\set i random(1000, 2399) * 8 + :client_id
BEGIN;
UPDATE t SET fresh = -:i WHERE id = :i;
UPDATE twin SET fresh = -:i WHERE id = :i;
COMMIT;
