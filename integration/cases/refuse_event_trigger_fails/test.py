from event_triggers import refuses


def run(case):
    refuses(case, "BEGIN INSERT INTO audit.log SELECT tg_tag; END", "ddl_command_end",
            before="CREATE SCHEMA audit; CREATE TABLE audit.log (tag text);")
