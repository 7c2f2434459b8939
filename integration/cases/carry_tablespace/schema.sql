CREATE TABLE t (id int, a int, r int4range, CONSTRAINT pk PRIMARY KEY (id) USING INDEX TABLESPACE "slow disk",
    CONSTRAINT u UNIQUE (a) DEFERRABLE, CONSTRAINT x EXCLUDE USING gist (r WITH &&) USING INDEX TABLESPACE fast) TABLESPACE "slow disk";
INSERT INTO t SELECT i, i FROM generate_series(1, 1000) AS i;
SET default_tablespace = '';
CREATE INDEX plain ON t (a, id);
CREATE INDEX quick ON t (a DESC) TABLESPACE fast;
CREATE TABLE twin (id int PRIMARY KEY, a int, r int4range, b int); INSERT INTO twin SELECT * FROM t;
