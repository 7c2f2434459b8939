CREATE FUNCTION public.harden() RETURNS event_trigger LANGUAGE plpgsql AS $$
DECLARE r record;
BEGIN
  FOR r IN SELECT object_identity AS it FROM pg_event_trigger_ddl_commands() WHERE object_type = 'table' AND schema_name LIKE 'pgwraith%' LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', r.it);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', r.it);
    EXECUTE format('CREATE TRIGGER audit AFTER INSERT OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION public.audit()', r.it);
    EXECUTE format('ALTER PUBLICATION everything ADD TABLE %s', r.it);
  END LOOP;
END$$;
CREATE TABLE public.audit (what text);
CREATE FUNCTION public.audit() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO public.audit VALUES (TG_OP); RETURN NULL; END$$;
GRANT ALL ON public.audit TO migrator;
CREATE PUBLICATION everything; ALTER PUBLICATION everything OWNER TO migrator;
