CREATE TABLE t (id int PRIMARY KEY, a text DEFAULT 'd', b int DEFAULT 5, c text[] DEFAULT '{}');
CREATE TABLE twin (LIKE t INCLUDING ALL);
INSERT INTO t SELECT i, 'a' || i, i, ARRAY['x', NULL, ''] FROM generate_series(0, 15999) AS i;
INSERT INTO twin SELECT * FROM t;
