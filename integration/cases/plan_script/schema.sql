CREATE TABLE t (id serial PRIMARY KEY, a int);
CREATE TABLE "O t" (id int PRIMARY KEY, b int);
CREATE INDEX o_b ON "O t" (b);
CREATE STATISTICS o_st ON id, b FROM "O t";
