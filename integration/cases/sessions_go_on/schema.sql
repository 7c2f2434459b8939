CREATE TABLE t (id int PRIMARY KEY, a int, note text, n int DEFAULT 0);
INSERT INTO t SELECT i, i, 'n' || i FROM generate_series(1, 2000) AS i;
CREATE VIEW seen AS SELECT id, a, note FROM t WHERE id > 0;
CREATE VIEW plain AS SELECT id, note FROM t;
CREATE TABLE stop ();
CREATE FUNCTION note_of(which int) RETURNS text LANGUAGE plpgsql AS
  'DECLARE found text; BEGIN SELECT note INTO found FROM t WHERE id = which; RETURN found; END';
CREATE FUNCTION through_view(which int) RETURNS text LANGUAGE plpgsql AS
  'DECLARE v seen%ROWTYPE; BEGIN SELECT * INTO v FROM seen WHERE id = which; RETURN v.note; END';
CREATE FUNCTION write(which int, said text) RETURNS text LANGUAGE plpgsql AS
  'DECLARE was text; BEGIN UPDATE t SET note = said WHERE id = which RETURNING note INTO was; RETURN was; END';
CREATE FUNCTION row_of(which int) RETURNS text LANGUAGE plpgsql AS
  'DECLARE v t%ROWTYPE; BEGIN SELECT * INTO v FROM t WHERE id = which; RETURN v.id || v.note; END';
CREATE FUNCTION all_of(which int) RETURNS text LANGUAGE plpgsql AS
  'DECLARE v t%ROWTYPE; BEGIN SELECT * INTO v FROM t WHERE id = which; RETURN to_jsonb(v); END';
CREATE FUNCTION keep_row(which int) RETURNS text LANGUAGE plpgsql AS
  $$ DECLARE v t%ROWTYPE; BEGIN v.id = which; v.note = 'kept'; INSERT INTO t SELECT v.*; DELETE FROM t WHERE id = which RETURNING * INTO v; RETURN v.note; END $$;
CREATE FUNCTION in_sql(which int) RETURNS text LANGUAGE sql AS 'SELECT note FROM t WHERE id = which';
CREATE PROCEDURE busy(INOUT times int) LANGUAGE plpgsql AS $$
DECLARE v t%ROWTYPE;
BEGIN
  WHILE NOT EXISTS (SELECT FROM stop) LOOP
    SELECT * INTO v FROM t WHERE id = 5;
    UPDATE t SET n = v.n + 1 WHERE id = v.id;
    times = times + 1;
    COMMIT;
  END LOOP;
END $$;
