import json


def planned(case, sql, status=0, **settings):
    config = case.write_config("asked.yaml", sql=sql, **{"strategy": "auto", **settings})
    got, output = case.pgwraith("plan", "--json", "--log-level", "off", config=config)
    case.check(got == status, f"{sql}: exit {got}, expected {status}: {output[-1500:]}")
    return json.loads(output[output.index("{"):])


def reasons(plan):
    return " ".join(one["reason"] for one in plan["refusals"])


def run(case):
    # The server cannot give a change stream: nobody asks it for one where no shadow is needed.
    plan = planned(case, "ALTER TABLE t ADD COLUMN z int NOT NULL DEFAULT 5")
    case.check(plan["way"] == "instant" and not plan["key"], plan)
    plan = planned(case, "BEGIN; SET lock_timeout = '1s'; ALTER TABLE ONLY t ALTER a SET NOT NULL; COMMIT;")
    case.check(plan["way"] == "online" and plan["before"], plan)
    plan = planned(case, "ALTER TABLE t ALTER id TYPE bigint, ADD z int", 3)
    case.check(plan["way"] == "shadow", plan)
    case.says(reasons(plan), "wal_level", "a shadow table is needed: ALTER COLUMN id TYPE bigint")
    plan = planned(case, "ALTER TABLE t ALTER id TYPE bigint, ADD z int", 3, strategy="direct")
    case.says(reasons(plan), "ALTER COLUMN id TYPE bigint")
    case.check("wal_level" not in reasons(plan) and "ADD COLUMN z" not in reasons(plan), plan["refusals"])
    case.says(reasons(planned(case, "", 3, strategy="direct")), "rebuilds the table")
    case.check(planned(case, "", 3)["way"] == "shadow", "a rebuild")

    # What the server does not take is the one reason, in its words.
    plan = planned(case, "ALTER TABLE t ADD z int;\nALTER TABLE t ALTER nowhere SET NOT NULL", 3)
    case.check(len(plan["refusals"]) == 1, plan["refusals"])
    case.says(reasons(plan), 'line 2: the server refuses it: column "nowhere".* does not exist')
    plan = planned(case, "ALTER TABLE t ADD z int NOT NULL", 3)
    case.says(reasons(plan), "nothing says what existing rows get")
    plan = planned(case, "ALTER TABLE t ADD z int", 3, values={"z": "no_such(a)"})
    case.says(reasons(plan), "function no_such")

    # Columns that are filled.
    plan = planned(case, "ALTER TABLE t ADD z uuid NOT NULL DEFAULT gen_random_uuid()")
    case.check(plan["way"] == "in place", plan)
    case.says(plan["why"], "5,000 rows", "shadow")
    plan = planned(case, "", values={"c": "'early'"})
    case.check(plan["way"] == "in place", plan)
    case.says(plan["why"], "about 5[0-9][0-9] rows")
    case.says(" ".join(plan["warnings"]), "column c is filled in rows in which it is NULL")
    # Several are filled together; each row is written once. Not if something has to come between them.
    both = {"y": "b || d", "z": "d || b", "c": "'early'"}
    plan = planned(case, "ALTER TABLE t ADD y text; ALTER TABLE t ADD z text; ALTER TABLE t ADD u uuid DEFAULT gen_random_uuid()",
                   values=both)
    case.check(plan["way"] == "in place" and plan["space_bytes"] > 0, plan)
    fills = [step for step in plan["steps"] if step["what"].startswith("fill")]
    case.check([step["what"] for step in fills] == ["fill y, z, u, c"], plan["steps"])
    case.says(fills[0]["sql"], '"y" = b [|][|] d, "z" = d [|][|] b, "u" = gen_random_uuid.., "c" = .early')
    case.says(plan["why"], "5,000 rows")
    between = "ALTER TABLE t ADD y text; ALTER TABLE t RENAME d TO e; ALTER TABLE t ADD z text"
    both = {"y": "b", "z": "a"}
    plan = planned(case, between, values=both)
    case.check(plan["way"] == "in place", plan)
    case.says(plan["why"], "it takes no longer than a shadow table", "10,000 rows")
    # All rows of a large table: a shadow table would be cheaper, and cannot be had here. (The server believes its
    # statistics.)
    case.superuser("UPDATE pg_class SET relpages = 500000, reltuples = 50000000 WHERE relname = 't'")
    case.superuser("ALTER TABLE t SET (autovacuum_enabled = off)")
    plan = planned(case, "ALTER TABLE t ADD y text", values={"y": "b"})
    case.check(plan["way"] == "in place", plan)
    case.says(plan["why"], "a shadow table would be the cheaper one, but .*wal_level", "of WAL, about .* min; a shadow table is")
    plan = planned(case, "ALTER TABLE t ADD y text", values={"y": "b"}, strategy="direct")
    case.says(plan["why"], "but `strategy: direct` asks for this way")
    plan = planned(case, "", values={"c": "'early'"})
    case.says(plan["why"], "about [0-9,]+ rows")
    case.check(plan["way"] == "in place", plan)
    case.superuser("ALTER TABLE t RESET (autovacuum_enabled)")
    case.superuser("ANALYZE t")
    case.check(planned(case, "", 3, values={"b": "upper(b)"})["way"] == "shadow", "computed from itself")
    case.check(planned(case, "", 3, values={"c": "b", "b": "coalesce(b, c)"})["way"] == "shadow", "computed from each other")
    # The current time is one moment for all rows.
    plan = planned(case, "ALTER TABLE t ADD z timestamptz", values={"z": "now() - a * interval '1 s'"})
    case.says(" ".join(plan["warnings"]), "column z: the current time in its expression is that of the beginning")

    # What the server would refuse for each row is refused beforehand.
    case.psql("ALTER TABLE t REPLICA IDENTITY NOTHING")
    case.superuser("CREATE PUBLICATION p FOR TABLE t")
    case.says(reasons(planned(case, "", 3, values={"c": "'early'"})), 'publication "p" publishes UPDATE and DELETE')
    case.superuser("DROP PUBLICATION p")
    case.psql("ALTER TABLE t REPLICA IDENTITY DEFAULT")

    # An index moves without a second table.
    case.superuser("SET allow_in_place_tablespaces = on; CREATE TABLESPACE elsewhere LOCATION ''")
    case.superuser("GRANT CREATE ON TABLESPACE elsewhere TO migrator")
    plan = planned(case, "ALTER INDEX t_pkey SET TABLESPACE elsewhere; ALTER TABLE t ADD z int", 3)
    case.check(len(plan["refusals"]) == 1, plan["refusals"])
    case.says(plan["refusals"][0]["remedy"], r'REINDEX .TABLESPACE elsewhere. INDEX CONCURRENTLY "t_pkey"')

    # Nothing to do is no reason to do anything.
    plan = planned(case, "ALTER TABLE t ADD COLUMN IF NOT EXISTS a int; DROP INDEX IF EXISTS nowhere")
    case.check(plan["way"] == "instant" and not plan["steps"], plan)

    # A constraint that takes another one's place keeps its name.
    case.psql("ALTER TABLE t ADD CONSTRAINT positive CHECK (a > 0); CREATE INDEX t_a ON t (a)")
    plan = planned(case, "ALTER TABLE t DROP CONSTRAINT positive, ADD CONSTRAINT positive CHECK (a > -1)")
    case.check(plan["way"] == "online", plan)
    plan = planned(case, "DROP INDEX t_a; CREATE INDEX t_a ON t (a, b)")
    case.check(plan["way"] == "online", plan)
    case.check_clean()
