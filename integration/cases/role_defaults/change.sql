ALTER TABLE public.t ALTER n TYPE bigint, ADD COLUMN note text DEFAULT E'a\\b';
