from stopping import stop_and_resume


def run(case):
    stop_and_resume(case, "prepare")
