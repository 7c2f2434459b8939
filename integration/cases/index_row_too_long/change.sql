CREATE INDEX ON t (note);
