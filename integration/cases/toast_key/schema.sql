CREATE TABLE t (a text, b int, n int NOT NULL, PRIMARY KEY (a, b));
ALTER TABLE t ALTER a SET STORAGE EXTERNAL;
ALTER TABLE t SET (toast_tuple_target = 128);
CREATE TABLE twin (LIKE t INCLUDING ALL);
ALTER TABLE twin SET (toast_tuple_target = 128);
INSERT INTO t SELECT repeat('key ' || i || ' ', 60), i % 8, 0 FROM generate_series(0, 7999) AS i;
INSERT INTO twin SELECT * FROM t;
