CREATE ROLE keeper; CREATE ROLE reader; CREATE ROLE "Grant Or";
GRANT keeper, "Grant Or" TO migrator;
GRANT CREATE ON SCHEMA public TO keeper;
SET allow_in_place_tablespaces = on;
CREATE TABLESPACE "slow disk" LOCATION '';
GRANT CREATE ON TABLESPACE "slow disk" TO migrator;
CREATE PUBLICATION whole_schema FOR TABLES IN SCHEMA public;
