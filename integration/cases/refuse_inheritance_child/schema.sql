CREATE TABLE p (id int, a int); CREATE TABLE t (PRIMARY KEY (id)) INHERITS (p);
