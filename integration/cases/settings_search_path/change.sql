ALTER TABLE public.t ALTER n TYPE bigint USING mine(n), ADD COLUMN other citext DEFAULT 'X', ADD COLUMN plainly text, ADD CHECK (plainer(other) <> '');
