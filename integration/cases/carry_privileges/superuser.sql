DO $$ BEGIN CREATE ROLE giver_of_rights; CREATE ROLE taker_of_rights; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
GRANT giver_of_rights TO migrator;
GRANT USAGE ON SCHEMA public TO giver_of_rights;
