KEYS = ("SELECT string_agg(conname || ' ' || pg_get_constraintdef(oid), '; ' ORDER BY conname) FROM pg_constraint"
        " WHERE conrelid = 't'::regclass AND contype = 'f'")


def run(case):
    got, output = case.pgwraith("plan")
    case.check(got == 0, f"plan exits 0: {output}")
    old = case.workload(name="old")
    case.expect_exit(case.start(), 0)
    keys = case.superuser(KEYS)
    case.says(keys, r"pgwraith_\d+_f\d FOREIGN KEY \(land\) REFERENCES countries\(name\) ON UPDATE CASCADE",
              r"t_city FOREIGN KEY \(country, city\)", "t_country_fkey FOREIGN KEY .country.")
    case.check(keys.count("FOREIGN KEY") == 3, f"one twin: {keys}")
    # Either version is bound by the old key and by the new one.
    new = case.workload([case.folder / "new.sql"], name="new")
    new.wait_progress()
    case.stop_workload(old)
    got, output = case.pgwraith("contract")
    case.check(got == 0, f"contract exits 0: {output}")
    case.says(output, "t_city")
    new.wait_progress()
    case.stop_workload(new)
    case.check(case.superuser(KEYS) == "t_country_fkey FOREIGN KEY (land) REFERENCES countries(name) ON UPDATE CASCADE",
               f"the twin has the old one's name: {case.superuser(KEYS)}")
    case.check(case.superuser("SELECT count(*) FROM t WHERE land IS NULL OR place IS NULL OR place NOT LIKE 't_!'") == "0", "all rows")
    case.check_clean()
