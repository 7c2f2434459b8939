def run(case):
    # Whatever is stronger than ACCESS SHARE would wait, and end with the lock timeout.
    holder = case.session("migrator")
    holder.run("BEGIN; LOCK TABLE customers, app.\"Odd Name\", parts, app.t IN EXCLUSIVE MODE")
    output = case.succeeds("plan", "--verbose")
    case.says(output, "implied", "customers")
    case.check("pgwraith_new_" not in output.split("Steps")[0], "no stand-in's name before the steps")
    holder.run("ROLLBACK")
