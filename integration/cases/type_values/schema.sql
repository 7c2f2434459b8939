CREATE TABLE t (id int PRIMARY KEY, amount numeric(10, 2) NOT NULL, shipped date, first text, last text);
INSERT INTO t SELECT i, i / 4.0, CASE WHEN i % 3 = 0 THEN date '2024-02-29' END, 'Ada' || i, 'Lovelace' FROM generate_series(1, 20000) AS i;
