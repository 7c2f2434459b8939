\set a random(0, 4999) * 8 + :client_id
BEGIN;
DELETE FROM t WHERE id = :a;
INSERT INTO t VALUES (:a, 'again');
DELETE FROM t WHERE id = :a;
INSERT INTO t VALUES (:a, 'and again');
DELETE FROM twin WHERE id = :a;
INSERT INTO twin VALUES (:a, 'and again');
COMMIT;
