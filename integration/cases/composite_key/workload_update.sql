\set i random(0, 499)
\set d random(0, 7)
BEGIN;
UPDATE t SET v = v || '.' WHERE a = date '2024-01-01' + :d::int AND b = 'b''\ "{' || :i AND c = :client_id;
UPDATE twin SET v = v || '.' WHERE a = date '2024-01-01' + :d::int AND b = 'b''\ "{' || :i AND c = :client_id;
COMMIT;
