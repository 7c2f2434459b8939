CREATE TABLE t (v text, c int, b text, a date, PRIMARY KEY (a, b, c));
CREATE TABLE twin (LIKE t INCLUDING ALL);
INSERT INTO t SELECT 'v' || i, i % 8, 'b''\ "{' || i / 64, date '2024-01-01' + i / 8 % 8 FROM generate_series(0, 31999) AS i;
INSERT INTO twin SELECT * FROM t;
