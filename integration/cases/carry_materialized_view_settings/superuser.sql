CREATE ROLE keeper;
GRANT keeper TO migrator;
GRANT CREATE ON SCHEMA public TO keeper;
SET allow_in_place_tablespaces = on;
CREATE TABLESPACE fast LOCATION '';
CREATE TABLESPACE slow LOCATION '';
GRANT CREATE ON TABLESPACE fast, slow TO migrator;
ALTER ROLE migrator SET default_tablespace = 'fast';
