\set me :stripe + :client_id
\set i random(1, 1249) * 8 + :me
\set k 1000000 + :me
\set v random(1, 1000000)
BEGIN;
INSERT INTO parent VALUES (:k, 'mine');
INSERT INTO t (up, p, q, r, body, amount, span) VALUES (:i, :k, 1, 'b', 'mine', :v, int8range(:k, :k + 1)) RETURNING id AS made, n AS number
\gset
INSERT INTO twin VALUES (:made, :number, 'here1', :i, :k, 1, 'b', 'mine', :v, :v * 2.00, int8range(:k, :k + 1));
INSERT INTO cascades (t) VALUES (:made);
INSERT INTO nulls (region, n) VALUES ('here1', :number);
INSERT INTO composite (region, n) VALUES ('here1', :number);
INSERT INTO app.checked ("The Region") VALUES ('seen') RETURNING id AS seen, n AS seen_n
\gset
INSERT INTO twin VALUES (:seen, :seen_n, 'seen', NULL, NULL, NULL, NULL, 'from the view', 1.5, 3.00);
COMMIT;
BEGIN;
UPDATE t SET amount = :v, span = NULL WHERE id = :i;
UPDATE twin SET amount = :v, twice = :v * 2.00, span = NULL WHERE id = :i;
UPDATE "Joined" SET said = 'said ' || :v::text WHERE id = :i;
UPDATE twin SET body = 'said ' || :v::text WHERE id = :i;
UPDATE app.checked SET body = body || '.' WHERE id = :seen;
UPDATE twin SET body = body || '.' WHERE id = :seen;
SELECT * FROM deepest LIMIT 1;
SELECT body_of(:i);
COMMIT;
BEGIN;
UPDATE parent SET x = x || '.' WHERE id = :k;
UPDATE parent SET id = id + 1000000 WHERE id = :k;
UPDATE twin SET p = p + 1000000 WHERE p = :k;
DELETE FROM ruled_view WHERE id = :made;
DELETE FROM twin WHERE id = :made;
DELETE FROM parent WHERE id = :k + 1000000;
COMMIT;
