ALTER TABLE public.t
    ALTER COLUMN id TYPE bigint,
    ALTER COLUMN a TYPE bigint,
    DROP COLUMN gone,
    ADD COLUMN status text NOT NULL DEFAULT 'new';
ALTER TABLE public.t RENAME COLUMN note TO label;
CREATE INDEX t_status ON public.t (status, id);
ALTER TABLE public.t ADD CONSTRAINT t_a_small CHECK (a > -1000000000);
ALTER TABLE public.t ADD CONSTRAINT t_code_once EXCLUDE USING btree (code WITH =);
