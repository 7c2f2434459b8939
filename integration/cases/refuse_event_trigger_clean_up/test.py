from event_triggers import refuses


def run(case):
    refuses(case, "BEGIN RAISE EXCEPTION 'no % here', tg_tag; END", "ddl_command_start WHEN TAG IN ('DROP PUBLICATION')")
