CREATE INDEX taken ON t (a);
