CREATE ROLE settings_reader;
CREATE ROLE settings_grantor;
GRANT settings_grantor TO migrator;
