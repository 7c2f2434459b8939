CREATE TABLE parent (id int PRIMARY KEY);
INSERT INTO parent SELECT generate_series(0, 99);
CREATE TABLE t (id int PRIMARY KEY, a int, p int, b text COLLATE "C", j json, one bool NOT NULL DEFAULT true);
INSERT INTO t SELECT i, i % 900, i % 100, i::text FROM generate_series(1, 1000) AS i;
UPDATE t SET a = NULL WHERE id IN (7, 8);
UPDATE t SET p = 1000 WHERE id = 9;
UPDATE t SET b = 'Aa' WHERE id = 10;
UPDATE t SET b = 'aA' WHERE id IN (20, 30);
ALTER TABLE t ADD CONSTRAINT small CHECK (a < 899) NOT VALID, ADD CONSTRAINT p_known FOREIGN KEY (p) REFERENCES parent NOT VALID;
