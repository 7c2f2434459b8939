\set i random(1, 2499) * 4 + :client_id % 4
BEGIN;
CALL add_one(:i);
UPDATE twin SET a = a + 1 WHERE id = :i;
SELECT a_of(:i), how_many();
COMMIT;
