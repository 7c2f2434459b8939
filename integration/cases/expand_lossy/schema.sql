CREATE TABLE t (id int PRIMARY KEY, first text, last text);
INSERT INTO t SELECT i, 'f' || i, CASE WHEN i % 5 = 0 THEN 'von der l' || i WHEN i % 7 > 0 THEN 'l' || i END
  FROM generate_series(1, 5000) AS i;
CREATE TABLE before AS SELECT * FROM t;
CREATE INDEX t_last ON t (last);
