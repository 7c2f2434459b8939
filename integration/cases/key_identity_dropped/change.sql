DROP INDEX t_code;
