CREATE UNIQUE INDEX t_id_nocase ON t (id COLLATE nocase);
