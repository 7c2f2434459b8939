ALTER TABLE t ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid(), ADD COLUMN at timestamptz NOT NULL DEFAULT clock_timestamp();
CREATE UNIQUE INDEX t_token ON t (token);
