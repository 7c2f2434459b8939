\set i random(0, 999) * 8 + :client_id
BEGIN;
UPDATE t SET n = n + 1, x = x + 0.1 WHERE day = date '1999-12-31' + :i::int;
UPDATE twin SET n = n + 1, x = x + 0.1 WHERE day = date '1999-12-31' + :i::int;
UPDATE t SET span = span + interval '1 day', raw = raw || '\x0a09'::bytea WHERE day = date '1999-12-31' + :i::int AND n % 5 = 0;
UPDATE twin SET span = span + interval '1 day', raw = raw || '\x0a09'::bytea WHERE day = date '1999-12-31' + :i::int AND n % 5 = 0;
COMMIT;
