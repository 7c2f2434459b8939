DO $$ BEGIN CREATE ROLE vault_lease; CREATE ROLE lease_giver; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
GRANT lease_giver TO migrator;
GRANT USAGE ON SCHEMA public TO lease_giver;
