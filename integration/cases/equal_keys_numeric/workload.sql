\set i random(0, 300) * 8 + :client_id
\set j random(0, 300) * 8 + :client_id
\set s random(1, 6)
BEGIN;
UPDATE t SET id = round(id, :s::int), n = n + 1 WHERE id = :i;
DELETE FROM t WHERE id = :j;
INSERT INTO t VALUES (round(:j::numeric, :s::int), -1);
UPDATE twin SET id = round(id, :s::int), n = n + 1 WHERE id = :i;
DELETE FROM twin WHERE id = :j;
INSERT INTO twin VALUES (round(:j::numeric, :s::int), -1);
COMMIT;
