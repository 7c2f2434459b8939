CREATE TABLE unused (id int PRIMARY KEY);
