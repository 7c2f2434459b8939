-- one column of the key changes, and the row that had the new key goes
\set i random(0, 499)
\set d random(0, 7)
\set e random(0, 7)
BEGIN;
DELETE FROM t WHERE a = date '2024-01-01' + :e::int AND b = 'b''\ "{' || :i AND c = :client_id AND :d <> :e;
UPDATE t SET a = date '2024-01-01' + :e::int WHERE a = date '2024-01-01' + :d::int AND b = 'b''\ "{' || :i AND c = :client_id;
DELETE FROM twin WHERE a = date '2024-01-01' + :e::int AND b = 'b''\ "{' || :i AND c = :client_id AND :d <> :e;
UPDATE twin SET a = date '2024-01-01' + :e::int WHERE a = date '2024-01-01' + :d::int AND b = 'b''\ "{' || :i AND c = :client_id;
COMMIT;
