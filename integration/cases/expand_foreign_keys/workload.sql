\set i random(0, 499) * 4 + :client_id
\set c random(0, 9)
UPDATE t SET country = 'c' || :c, city = 't' || :c WHERE id = :i;
