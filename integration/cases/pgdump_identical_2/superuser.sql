CREATE ROLE keepers; CREATE ROLE "Grant Or"; CREATE ROLE reader;
GRANT keepers, "Grant Or" TO migrator;
ALTER ROLE migrator BYPASSRLS;
CREATE PUBLICATION whole FOR TABLES IN SCHEMA public;
CREATE PUBLICATION selected;
ALTER PUBLICATION selected OWNER TO keepers;
GRANT CREATE ON DATABASE "pgdump_identical_2" TO keepers;
GRANT ALL ON SCHEMA public TO keepers, migrator;
