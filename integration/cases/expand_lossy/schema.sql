CREATE TABLE t (id int PRIMARY KEY, first text, last text, nick text);
INSERT INTO t SELECT i, 'f' || i, CASE WHEN i % 5 = 0 THEN 'von der l' || i WHEN i % 7 > 0 THEN 'l' || i END
  FROM generate_series(1, 5000) AS i;
CREATE TABLE before AS SELECT * FROM t;
CREATE INDEX t_last ON t (last);
-- On a column that has an heir, and on one that has none.
CREATE INDEX t_nick_last ON t (nick, last);
CREATE STATISTICS t_nick_first ON nick, first FROM t;
CREATE STATISTICS t_nick ON nick, id FROM t;
ALTER TABLE t ADD CONSTRAINT nick_differs CHECK (nick <> last);
