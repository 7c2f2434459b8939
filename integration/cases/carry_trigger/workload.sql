\set id random(1, 4999) * 4 + :client_id + 1
BEGIN;
UPDATE t SET a = a + 1 WHERE id = :id;
INSERT INTO wanted VALUES ('UPDATE', :id), ('it''s ON two', :id);
INSERT INTO t (id, a) SELECT 100000 + :id, 1 WHERE NOT EXISTS (SELECT FROM t WHERE id = 100000 + :id);
DELETE FROM t WHERE id = 100000 + :id;
INSERT INTO wanted VALUES ('INSERT', 100000 + :id), ('DELETE', 100000 + :id);
COMMIT;
