CREATE UNIQUE INDEX t_email ON t (email);
