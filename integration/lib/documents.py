"""The documents' blocks and commands, and what is wrong with them."""

import dataclasses
import re
import shlex
import subprocess

from servers import REPO

__all__ = ["REPO", "Block", "Program", "blocks", "command_lines", "pages", "spans"]

FENCE = re.compile(r"^```(.*)$")


def pages():
    return [REPO / "README.md", *sorted((REPO / "docs").glob("*.md"))]


@dataclasses.dataclass
class Block:
    where: str
    language: str
    text: str


def blocks(page):
    found, begin, language, lines = [], None, "", []
    for number, line in enumerate(page.read_text().splitlines(), 1):
        fence = FENCE.match(line)
        if not fence and begin is not None:
            lines.append(line)
        elif fence and begin is None:
            begin, language, lines = number, fence.group(1), []
        elif fence:
            found.append(Block(f"{page.relative_to(REPO)}:{begin}", language, "\n".join(lines) + "\n"))
            begin = None
    return found


def command_lines(wanted):
    """Each line of a shell's block that calls one of these, once, and where it stands. `wanted`: pattern of its beginning."""
    found = {}
    for page in pages():
        for block in blocks(page):
            for line in block.text.replace("\\\n", "").splitlines() if block.language == "sh" else ():
                command = line.partition(" # ")[0].strip()
                if re.match(wanted, command):
                    found.setdefault(command, block.where)
    return [(where, command) for command, where in found.items()]


def without_blocks(page):
    inside = False
    for number, line in enumerate(page.read_text().splitlines(), 1):
        if FENCE.match(line):
            inside = not inside
        elif not inside:
            yield number, line


def spans(page):
    """Code within a line; one may be broken over two."""
    lines = list(without_blocks(page))
    text = "\n".join(line for _, line in lines)
    for span in re.finditer(r"`([^`]+)`", text):
        number = lines[text.count("\n", 0, span.start())][0]
        yield f"{page.relative_to(REPO)}:{number}", " ".join(span.group(1).split())


def anchors(page):
    for _, line in without_blocks(page):
        if line.startswith("#"):
            title = re.sub(r"[^\w\- ]", "", line.lstrip("#").strip().lower())
            yield title.replace(" ", "-")


class Program:
    """pgwraith's own word on a command."""

    def __init__(self, case):
        self.case = case
        _, text = case.pgwraith_with("--help")
        self.options = {name: self._options(name) for name in re.findall(r"^  ([a-z]+) +[A-Z]", text, re.MULTILINE)}
        code, text = self.run("set", str(self._empty()), "no.such=1")
        case.check(code != 0, "no.such is no setting")
        self.settings = self._settings()

    def run(self, *arguments, env=None):
        return self.case.pgwraith_with(*arguments, env=env)

    def _empty(self):
        path = self.case.dir / "empty.yaml"
        path.write_text("table: public.orders\n")
        return path

    def _options(self, name):
        _, text = self.run(name, "--help")
        return set(re.findall(r"--[a-z-]+", text)) | set(re.findall(r"(?<=\s)-[a-zA-Z](?=,)", text))

    def _settings(self):
        """Each that there is, and whether it may change while a migration runs."""
        table = (REPO / "docs/configuration.md").read_text()
        return {name: changes == "may change" for name, changes in
                re.findall(r"^\| \[`([\w.]+)`\]\(#\w+\) \|.*\| ?(may change)? ?\|$", table, re.MULTILINE)}

    def problems_of_script(self, block):
        done = subprocess.run(["bash", "-n", "-c", block.text], capture_output=True, text=True, check=False)
        problems = [f"{block.where}: {done.stderr.strip()}"] if done.returncode else []
        for line in block.text.splitlines():
            command = line.partition(" # ")[0].strip()
            if "pgwraith " in command and not command.startswith("docker build"):
                problems += self.problems_of_line(block.where, command)
            for path in re.findall(r"(?<![\w./-])(?:integration|tests|config|docs)/[\w./-]+", command):
                if not (REPO / path).exists():
                    problems.append(f"{block.where}: there is no {path}")
        return problems

    def problems_of_line(self, where, text):
        """`pgwraith COMMAND …`, also within `docker exec` and its like."""
        command = re.match(r"([a-z]+)(?= FILE| --sql)", text)
        if command and command.group(1) in self.options:
            text = "pgwraith " + text
        called = re.search(r"(?:^|[\s`])pgwraith (?!-t )((?:--)?[a-z].*)$", text)
        if not called or "…" in called.group(1).split()[0]:
            return self._unknown_settings(where, text)
        try:
            words = shlex.split(called.group(1).replace("…", ""))
        except ValueError as error:
            return [f"{where}: {text}: {error}"]
        name = words[0]
        if name in ("--help", "--version", "help"):
            return []
        if name == "pgwraith":  # image and program
            words, name = words[1:], words[1]
        if name not in self.options:
            return [f"{where}: pgwraith has no command {name}"]
        problems = []
        for word in words[1:]:
            option = word.strip("[],;)").partition("=")[0]
            if option.startswith("-") and option != "-" and option not in self.options[name]:
                problems.append(f"{where}: pgwraith {name} has no option {option}")
            if name == "set" and "=" in word and word != "KEY=VALUE":
                key = word.partition("=")[0].lstrip("[")
                if not self.settings.get(key):
                    problems.append(f"{where}: {key} is no setting that may change while a migration runs")
        return problems

    def _unknown_settings(self, where, text):
        """`section.name` of a section that there is."""
        found = re.fullmatch(r"([a-z_]+(?:\.[a-z_]+)+)(?:: .*)?", text)
        if not found or found.group(1) == "control.sock" or found.group(1).partition(".")[0] not in {name.partition(".")[0] for name in self.settings if "." in name}:
            return []
        known = found.group(1) in self.settings or any(name.startswith(found.group(1) + ".") for name in self.settings)
        return [] if known else [f"{where}: there is no setting {found.group(1)}"]

    @staticmethod
    def dead_links(page):
        problems = []
        for number, line in without_blocks(page):
            for target in re.findall(r"\]\(([^)\s]+)\)", line):
                if "://" in target:
                    continue
                path, _, anchor = target.partition("#")
                file = (page.parent / path).resolve() if path else page
                if not file.exists():
                    problems.append(f"{page.relative_to(REPO)}:{number}: there is no {target}")
                elif anchor and anchor not in set(anchors(file)):
                    problems.append(f"{page.relative_to(REPO)}:{number}: {path} has no heading for #{anchor}")
        return problems
