\set i random(0, 1999) * 8 + :client_id
BEGIN;
SAVEPOINT one;
UPDATE t SET a = -100 WHERE id = :i;
RELEASE one;
DELETE FROM t WHERE id BETWEEN :i AND :i;
ROLLBACK;
