DO $$ BEGIN CREATE ROLE reads_given; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
