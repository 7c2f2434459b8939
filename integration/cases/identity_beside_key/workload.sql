\set i random(0, 999) * 8 + :client_id
\set j random(0, 999) * 8 + :client_id
\set k random(1, 1000)
BEGIN;
UPDATE t SET a = :k WHERE id = :i;
UPDATE twin SET a = :k WHERE id = :i;
WITH numbered AS (UPDATE t SET number = DEFAULT WHERE id = :j RETURNING id, number)
UPDATE twin SET number = numbered.number FROM numbered WHERE twin.id = numbered.id;
COMMIT;
