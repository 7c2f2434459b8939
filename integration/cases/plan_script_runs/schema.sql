CREATE TABLE users (id serial PRIMARY KEY, name varchar(50), email text, age int);
CREATE TABLE orders (id serial PRIMARY KEY, user_id int, note text);
INSERT INTO users (name, email, age) SELECT 'n' || i, 'e' || i, i FROM generate_series(1, 200) AS i;
INSERT INTO orders (user_id, note) SELECT i, 'x' FROM generate_series(1, 200) AS i;
CREATE INDEX orders_note ON orders (note);
CREATE TABLE versions (version text);
