\set id random(1, 1249) * 4 + :client_id % 4 + 1
UPDATE people SET a = a + 1 WHERE id = :id;
SELECT full_name(p) FROM people p WHERE id = :id;
SELECT first FROM search('f' || :id);
SELECT first FROM found('f' || :id);
SELECT by_variable(:id), by_rowtype(:id), standard(p) FROM people p WHERE id = :id;
SELECT name FROM names WHERE id = :id;
