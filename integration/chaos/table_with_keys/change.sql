ALTER TABLE public.t
    ALTER COLUMN a TYPE bigint,
    ADD COLUMN status text NOT NULL DEFAULT 'new';
