\set id random(1, 4999) * 4 + :client_id + 1
\set v random(1, 1000000)
BEGIN;
INSERT INTO wanted SELECT :id FROM t WHERE id = :id AND a <> :v;
UPDATE t SET a = :v WHERE id = :id;
UPDATE twin SET a = :v WHERE id = :id;
INSERT INTO inbox VALUES (:id, :v);
UPDATE twin SET "from TO b" = 'forwarded ' || :v WHERE id = :id;
DELETE FROM t WHERE id = 1;
COMMIT;
