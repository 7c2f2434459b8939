\set i random(0, 499)
\set d random(0, 7)
BEGIN;
INSERT INTO t (a, b, c, v) VALUES (date '2024-01-01' + :d::int, 'b''\ "{' || :i, :client_id, 'new') ON CONFLICT DO NOTHING;
INSERT INTO twin (a, b, c, v) VALUES (date '2024-01-01' + :d::int, 'b''\ "{' || :i, :client_id, 'new') ON CONFLICT DO NOTHING;
COMMIT;
