CREATE TABLE house (room int, during int4range, PRIMARY KEY (room, during WITHOUT OVERLAPS));
INSERT INTO house SELECT i, '[0,1000000)' FROM generate_series(0, 63) AS i;
CREATE TABLE t (id int NOT NULL CONSTRAINT t_id UNIQUE, room int, during int4range, n int NOT NULL DEFAULT 0,
  CONSTRAINT t_pkey PRIMARY KEY (room, during WITHOUT OVERLAPS),
  CONSTRAINT t_house FOREIGN KEY (room, PERIOD during) REFERENCES house (room, PERIOD during));
ALTER TABLE t REPLICA IDENTITY USING INDEX t_id;
INSERT INTO t SELECT i, i % 8, int4range(i * 10, i * 10 + 10) FROM generate_series(0, 4000 - 1) AS i;
CREATE TABLE guest (room int, during int4range,
  CONSTRAINT guest_t FOREIGN KEY (room, PERIOD during) REFERENCES t (room, PERIOD during));
INSERT INTO guest VALUES (1, '[12,18)');
CREATE TABLE twin (id int PRIMARY KEY, room int, during int4range, n int NOT NULL DEFAULT 0);
INSERT INTO twin SELECT * FROM t;
