GRANT pg_monitor TO migrator;
