CREATE TABLE t (id int PRIMARY KEY, a int, "from TO b" text);
INSERT INTO t SELECT i, 0 FROM generate_series(1, 20000) AS i;
CREATE TABLE twin (LIKE t INCLUDING ALL);
INSERT INTO twin SELECT * FROM t;
CREATE TABLE ruled (id bigint, a int);
CREATE TABLE wanted (id bigint);
CREATE TABLE never (id bigint);
CREATE TABLE inbox (id bigint, a int);
CREATE RULE "no TO delete" AS ON DELETE TO t WHERE old.id = 1 DO INSTEAD NOTHING;
CREATE RULE log AS ON UPDATE TO t WHERE old.a <> new.a
    DO ALSO (INSERT INTO ruled VALUES (old.id, new.a); DELETE FROM never WHERE id = old.id);
CREATE RULE off AS ON UPDATE TO t DO ALSO INSERT INTO never VALUES (old.id);
ALTER TABLE t DISABLE RULE off;
COMMENT ON RULE log ON t IS 'the rule''s';
CREATE RULE forward AS ON INSERT TO inbox DO ALSO UPDATE t SET "from TO b" = 'forwarded ' || new.a WHERE id = new.id;
CREATE RULE forward_off AS ON INSERT TO inbox DO ALSO DELETE FROM t WHERE id = new.id;
ALTER TABLE inbox DISABLE RULE forward_off;
COMMENT ON RULE forward ON inbox IS 'the other''s';
