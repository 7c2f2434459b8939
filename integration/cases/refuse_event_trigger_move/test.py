from event_triggers import refuses


def run(case):
    refuses(case, "BEGIN IF current_query() ~* 'SET SCHEMA' THEN RAISE EXCEPTION 'tables stay in their schema'; END IF; END", "ddl_command_start WHEN TAG IN ('ALTER TABLE')")
