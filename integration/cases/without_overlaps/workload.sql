\set i random(10, 249) * 8 + :client_id
\set j random(250, 499) * 8 + :client_id
BEGIN;
-- The two rows exchange their times.
DELETE FROM t WHERE id IN (:i, :j);
INSERT INTO t SELECT x.id, x.room, y.during, x.n + 1 FROM twin x JOIN twin y ON (x.id, y.id) IN ((:i, :j), (:j, :i));
UPDATE twin x SET during = y.during, n = x.n + 1 FROM twin y WHERE (x.id, y.id) IN ((:i, :j), (:j, :i));
COMMIT;
