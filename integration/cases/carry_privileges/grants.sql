REVOKE ALL ON t FROM app;
GRANT SELECT (id, a, touched), UPDATE (a), SELECT (gone) ON t TO app;
GRANT SELECT, INSERT, DELETE ON t TO giver_of_rights WITH GRANT OPTION;
GRANT UPDATE ("Amount", touched) ON t TO giver_of_rights WITH GRANT OPTION;
GRANT REFERENCES (id) ON t TO PUBLIC;
GRANT TRIGGER ON t TO PUBLIC;
REVOKE TRUNCATE ON t FROM migrator;
SET ROLE giver_of_rights;
GRANT SELECT ON t TO taker_of_rights WITH GRANT OPTION;
GRANT INSERT ON t TO taker_of_rights;
GRANT DELETE ON t TO PUBLIC;
GRANT UPDATE (touched), UPDATE ("Amount") ON t TO app;
RESET ROLE;

-- The type of the table's rows has privileges and a comment of its own, and so has the array of them a comment.
REVOKE ALL ON TYPE t FROM PUBLIC;
GRANT USAGE ON TYPE t TO giver_of_rights WITH GRANT OPTION;
SET ROLE giver_of_rights;
GRANT USAGE ON TYPE t TO app;
RESET ROLE;
COMMENT ON TYPE t IS 'a row of it';
COMMENT ON TYPE t[] IS 'rows of it''s';
