-- a row takes another key; now and then one that was deleted before, or deletes the row that has it
\set me :stripe + :client_id
\set old random(1, 3000) * 64 + :me
\set new random(1, 3000) * 64 + :me
BEGIN;
DELETE FROM t WHERE id = :new AND :new <> :old;
UPDATE t SET id = :new WHERE id = :old;
DELETE FROM twin WHERE id = :new AND :new <> :old;
UPDATE twin SET id = :new WHERE id = :old;
COMMIT;
