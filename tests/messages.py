#!/usr/bin/env python3
"""Each message with which the program refuses, stops or fails is in docs/refusals.md or docs/failures.md, word for word,
so that whoever sees it finds it there; and each that stands there is one that the program has.

    tests/messages.py [--list]       --list: what the sources have, with file and hint
"""

import pathlib
import re
import sys

REPO = pathlib.Path(__file__).resolve().parent.parent
PAGES = ("docs/refusals.md", "docs/failures.md")
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
# Where an error of such a kind is made, or a reason to refuse is noted.
SITE = re.compile(r"\bError\(\s*(?P<kind>ErrorKind::(?:refused|stopped|aborted|unknown_outcome))\s*,|"
                  r"\bError \w+\(\s*(?P<named>ErrorKind::(?:refused|stopped|aborted|unknown_outcome))\s*,|"
                  r"(?P<refuse>\brefuse\()|(?P<note>\b(?:refusals\.push_back\(\s*\{|found\.push_back\(\s*\{(?=fmt::format)))|"
                  r"(?P<rows>\brows_where\()|\bKind::refused,")
# Of a function that refuses: what comes before the message.
CONTEXT = {"report", "reference", "statement", "directory", "node", "where"}
# What is put together in one place and becomes an error in another.
ELSEWHERE = re.compile(r"\b(?:uses|refused) \+=\s*|\bauto reason =\s*dependent|\b(?:auto|std::string) (?:reason|what|text) =\s*(?=fmt::format)|why_not =\s*|\bthrow (?:StoreUnavailable|TableRewritten|NewSlotLost|DecodeError|(?:control::)?NotRunning)\(|"
                       r"\bif \(!?index\.\w+\) return |\breturn which \+ |\breturn (?=fmt::format\(\"\{\} has type)")
# Every sentence that these return is a reason.
REASONS = ("src/migration/history.cpp", "src/migration/watch.cpp", "src/hooks/not_there.cpp")
# Pieces that follow another message.
PIECES = {", the table is as it was", "the server refuses it", "of somebody", "rows with …", "on another server or database",
          "… of … …, among them …", "… leaves … connections (…, … in use by others)"}


def sources():
    for folder, kind in (("src", "*.cpp"), ("src", "*.h"), ("include", "*.h")):
        for path in sorted((REPO / folder).rglob(kind)):
            # Usage (exit 2) names file, line and key, and what was expected: it needs no page.
            if "config" not in path.parts:
                yield path.relative_to(REPO), re.sub(r"//.*$", "", path.read_text(), flags=re.MULTILINE)


def arguments(text, at):
    """The source of each argument of the call whose opening bracket is right before `at`."""
    depth, quoted, found, start = 0, False, [], at
    while at < len(text):
        letter = text[at]
        if quoted:
            at += letter == "\\"
            quoted = letter != '"'
        elif letter == '"':
            quoted = True
        elif letter in "([{":
            depth += 1
        elif letter in ")]}":
            if depth == 0:
                break
            depth -= 1
        elif letter == "," and depth == 0:
            found.append(text[start:at])
            start = at + 1
        at += 1
    return [*found, text[start:at]]


def statement(text, at):
    """From there to its semicolon."""
    rest = re.sub(r'"(?:[^"\\]|\\.)*"', lambda quoted: quoted.group().replace(";", "\0"), text[at:at + 2000])
    return rest[:rest.find(";")].replace("\0", ";")


def as_printed(literal):
    """With … for what is filled in."""
    text = literal.replace('\\"', '"').replace("\\n", " ").replace("\\\\", "\\")
    text = re.sub(r"\{(?:\d*)(?::[^{}]*)?\}", "…", text).replace("{{", "{").replace("}}", "}")
    text = re.sub(r"\s+", " ", text).strip()
    return text + " …" if text.endswith(":") else text


def is_sentence(text):
    return len(re.findall(r"[a-z]{2,}", text)) >= 2 and text not in PIECES and not re.search(r"SELECT FROM|^format\(", text)


def literals(source):
    """Those of an expression; what only blanks part is one. Of a call of format the first: the others are filled in."""
    joined = re.sub(r'(?<!\\)"\s+"', "", source)
    found = list(map(as_printed, LITERAL.findall(joined)))
    if re.match(r"\s*fmt::format\(", source) and len(arguments(source, source.index("(") + 1)) > 0:
        found = found[:1]
    return list(filter(is_sentence, found))


def messages():
    """Each message of the sources, and where it stands."""
    found = {}
    for path, text in sources():
        for site in SITE.finditer(text):
            said = [one for one in arguments(text, site.end()) if one.strip() not in CONTEXT]
            if site["rows"]:
                said = said[1:]
            if not said or re.match(r"\s*(const )?[\w:]+(<.*>)?&? \w+\s*(=.*)?$", said[0]):
                continue  # a declaration
            hint = " ".join(literals(said[1])) if len(said) > 1 else ""
            for message in literals(said[0]):
                found.setdefault(message, (path, hint))
        for site in ELSEWHERE.finditer(text):
            for message in literals(statement(text, site.end())):
                found.setdefault(message, (path, ""))
        if str(path) in REASONS:
            for returned in re.finditer(r"\breturn ", text):
                for message in literals(statement(text, returned.end())):
                    found.setdefault(message, (path, ""))
    return found


def explained():
    """The first cell of each row of the pages' tables of messages, and where it stands."""
    found = {}
    for page in PAGES:
        in_table = False
        for number, line in enumerate((REPO / page).read_text().splitlines(), 1):
            cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
            if line.startswith("| message |"):
                in_table = True
            elif not line.startswith("|"):
                in_table = False
            elif in_table and not line.startswith("| ---"):
                found.setdefault(cells[0].replace("\\<", "<"), []).append(f"{page}:{number}")
    return found


def main():
    said, there = messages(), explained()
    if sys.argv[1:] == ["--list"]:
        for message, (path, hint) in said.items():
            print(f"{path}\t{message}\t{hint}")
        return 0
    problems = [f"{path}: no page has: {message}" for message, (path, _) in said.items() if message not in there]
    problems += [f"{places[0]}: the program does not say: {message}" for message, places in there.items() if message not in said]
    problems += [f"{', '.join(places)}: more than once: {message}" for message, places in there.items() if len(places) > 1]
    for problem in problems:
        print(problem)
    print(f"messages: {len(said)} of the program, {len(there)} explained, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
