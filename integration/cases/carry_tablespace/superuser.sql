SET allow_in_place_tablespaces = on;
CREATE TABLESPACE fast LOCATION '';
CREATE TABLESPACE "slow disk" LOCATION '';
GRANT CREATE ON TABLESPACE fast, "slow disk" TO migrator;
ALTER ROLE migrator SET default_tablespace = 'fast';
