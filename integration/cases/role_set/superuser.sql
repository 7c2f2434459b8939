DO $$ BEGIN CREATE ROLE role_set_owner; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
GRANT role_set_owner TO migrator;
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO role_set_owner', current_database()); END $$;
ALTER SCHEMA public OWNER TO role_set_owner;
