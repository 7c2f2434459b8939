"""What docs/commands.md says of each command in each phase, and what a running migration answers."""

import json

AT = "2100-01-01T00:00Z"


def documented(case, heading):
    """The table below the line that begins with `heading`: row by command, column by phase."""
    lines = (case.folder.parents[2] / "docs" / "commands.md").read_text().splitlines()
    begin = next(at for at, line in enumerate(lines) if line.startswith(heading)) + 2
    rows = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines[begin:lines.index("", begin)]]
    return {row[0]: dict(zip(rows[0][1:], row[1:])) for row in rows[2:]}


def check_answer(case, where, cell, refused, text, hint):
    case.check(refused == (cell == "refused"), f"{where}: {cell}, not {text}")
    case.check(text and (hint or not refused), f"{where}: it says what happens, or what helps: {text} {hint}")


def post_all(case, run, table, column, but=()):
    """Each command over the socket, taken back by the next."""
    for command, row in table.items():
        if command in but:
            continue
        path, body = ("cutover", {"at": AT}) if command == "cutover --at" else (command, None)
        if command == "set":
            body = {"key": "copy.chunk_target", "value": "100ms"}
        status, answer = run.post("/" + path, body)
        said = json.loads(answer)
        case.check(status in (200, 202, 409), f"{command} in {column}: {status} {answer}")
        check_answer(case, f"{command} in {column}", row[column], status == 409, said.get("message") or said.get("error"), said.get("hint"))
