-- Several cases have these files, and a role is of the whole server.
DO $$ BEGIN
    CREATE ROLE reader_of_views;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
