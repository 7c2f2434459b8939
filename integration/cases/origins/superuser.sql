GRANT EXECUTE ON FUNCTION pg_replication_origin_create(text), pg_replication_origin_drop(text) TO migrator;
DO $$
BEGIN
  EXECUTE (SELECT format('GRANT EXECUTE ON FUNCTION %s TO migrator', oid::regprocedure) FROM pg_proc
           WHERE proname = 'pg_replication_origin_session_setup');
END $$;
