MEANWHILE = """
REVOKE ALL ON t, seen FROM vault_lease;
REVOKE ALL (note) ON t FROM vault_lease;
REVOKE ALL ON SEQUENCE t_id_seq FROM vault_lease;
GRANT UPDATE ON t TO app WITH GRANT OPTION;
GRANT SELECT (note) ON t TO pg_monitor;
GRANT SELECT ON SEQUENCE t_id_seq TO pg_monitor;
GRANT USAGE ON TYPE t TO pg_monitor;
GRANT SELECT ON seen TO pg_monitor;
SET ROLE lease_giver;
GRANT SELECT ON t TO pg_monitor;
RESET ROLE;
COMMENT ON TABLE t IS 'after';
COMMENT ON COLUMN t."N" IS NULL;
COMMENT ON COLUMN t.note IS 'it''s a note';
COMMENT ON CONSTRAINT few ON t IS 'few';
COMMENT ON CONSTRAINT to_parent ON t IS 'parent';
COMMENT ON CONSTRAINT to_t ON child IS 'child';
COMMENT ON CONSTRAINT t_pkey ON t IS 'key';
COMMENT ON INDEX t_n IS 'index';
COMMENT ON STATISTICS st IS 'statistics';
COMMENT ON SEQUENCE t_id_seq IS 'sequence';
COMMENT ON TYPE t IS 'row';
COMMENT ON VIEW seen IS 'view';
ALTER TABLE t ALTER note SET STATISTICS 50, ALTER note SET STORAGE EXTERNAL, ALTER note SET COMPRESSION pglz, ALTER p SET (n_distinct = -0.5);
ALTER TABLE t SET (parallel_workers = 2, fillfactor = 70, autovacuum_vacuum_threshold = 9, toast.autovacuum_enabled = false);
ALTER INDEX t_n SET (fillfactor = 60);
ALTER INDEX t_n ALTER COLUMN 2 SET STATISTICS 77;
ALTER STATISTICS st SET STATISTICS 33;
ALTER TABLE t CLUSTER ON t_n;
ALTER TABLE t VALIDATE CONSTRAINT few;
ALTER TABLE t VALIDATE CONSTRAINT to_parent;
"""
ROW_TYPE = "SELECT typacl, obj_description(oid, 'pg_type') FROM pg_type WHERE oid = 't'::regtype"


def run(case):
    run = case.start()
    run.wait_phase("ready")
    case.psql(MEANWHILE)
    # Nothing of ours keeps a role that has lost its rights.
    case.check(case.superuser("SELECT count(*) FROM pg_shdepend WHERE refobjid = 'vault_lease'::regrole AND deptype = 'a'"
                              " AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())") == "0",
               "the role that lost its rights can be dropped")
    before = case.superuser(ROW_TYPE)
    dump = case.dump()
    case.pgwraith("cutover")
    case.expect_exit(run, 0)
    case.check(before == case.superuser(ROW_TYPE), "the row type is as it was")

    def plain(lines):
        text = "\n".join(line for line in lines if "pgwraith_" not in line and "publish" not in line)
        return text.replace('"N" bigint', '"N" integer').replace("remark", "note").replace("_again", "").splitlines()

    case.check(set(plain(dump)) == set(plain(case.dump())), "all as on the old table: " + "\n".join(sorted(set(plain(dump)) ^ set(plain(case.dump())))))
    case.check_clean()
