CREATE ROLE row_functions_owner;
CREATE ROLE row_functions_reader;
GRANT row_functions_owner TO migrator;
GRANT CREATE, USAGE ON SCHEMA public TO row_functions_owner;
