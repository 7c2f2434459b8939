CREATE TABLE t (id int PRIMARY KEY, a int, b text);
INSERT INTO t SELECT i, i, 'b' || i FROM generate_series(1, 100) AS i;
CREATE TABLE other (id int, a int);
CREATE VIEW seen AS SELECT id, a FROM t;
GRANT SELECT ON seen TO PUBLIC;
CREATE VIEW above AS SELECT s.a * 2 AS twice, t.id, t.b FROM seen AS s JOIN t USING (id);
CREATE VIEW grouped WITH (security_barrier) AS SELECT t.*, (SELECT max(x.a) FROM t AS x WHERE x.b <> t.b) AS most FROM t GROUP BY t.id;
CREATE VIEW exchanged AS SELECT o.a AS o, t.a + 1 AS n, t.b || 'a' AS b FROM other o LEFT JOIN t ON t.a = o.a AND t.b > 'b';
