ALTER TABLE t RENAME COLUMN parent TO parent_id;
