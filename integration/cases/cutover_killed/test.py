import threading

from servers import wait_until

KILLS = 15

# Waits for the session that swaps, lets it come a little further each time, and ends it.
KILL = """DO $$
DECLARE holder int; ended int := 0; began timestamptz := clock_timestamp();
BEGIN
  WHILE ended < {kills} AND clock_timestamp() < began + interval '60 s' LOOP
    COMMIT;  -- so that the next look sees what is now
    SELECT a.pid INTO holder FROM pg_stat_activity a JOIN pg_locks l ON l.pid = a.pid
     WHERE a.datname = current_database() AND a.application_name LIKE 'pgwraith cutover%' AND l.locktype = 'relation'
       AND l.mode = 'AccessExclusiveLock' AND l.granted AND l.relation = {oid};
    EXIT WHEN to_regclass('public.t') <> {oid};
    CONTINUE WHEN holder IS NULL;
    PERFORM pg_sleep(ended * 0.004);
    IF pg_terminate_backend(holder) THEN ended := ended + 1; END IF;
    WHILE EXISTS (SELECT FROM pg_locks WHERE pid = holder) LOOP COMMIT; END LOOP;
  END LOOP;
END $$"""


def run(case):
    case.make_reference()
    load = case.workload()
    run = case.start()
    run.wait_phase("ready")
    oid = case.superuser("SELECT 't'::regclass::oid")
    killer = threading.Thread(target=case.superuser, args=(KILL.format(kills=KILLS, oid=oid), 90))
    killer.start()
    wait_until("the killer", lambda: case.superuser("SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE 'DO $$%holder%' "
                                                    "AND pid <> pg_backend_pid()") == "t")
    case.pgwraith("cutover")
    killer.join()
    case.expect_exit(run, 0, 90)
    case.says(run.log(), "connection|terminating")
    case.finish_success(run, [load])
    case.check(case.superuser("SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND confrelid = 't'::regclass") == "7",
               "all seven foreign keys refer to the new table")
