from event_triggers import refuses


def run(case):
    refuses(case, "BEGIN RAISE EXCEPTION 'no drops here'; END", "sql_drop")
