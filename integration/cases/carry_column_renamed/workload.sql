\set id random(1, 999) * 4 + :client_id
\set d random(1001, 1999) * 4 + :client_id
BEGIN;
UPDATE t SET touched = touched + 1 WHERE id = :id;
UPDATE twin SET touched = touched + 1 WHERE id = :id;
DELETE FROM t WHERE id = :d;
DELETE FROM twin WHERE id = :d;
COMMIT;
