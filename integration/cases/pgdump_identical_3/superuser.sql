DO $$ BEGIN CREATE ROLE "app TO ""all"""; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
