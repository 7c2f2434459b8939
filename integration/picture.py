#!/usr/bin/env python3
"""Makes docs/demo.svg: what a terminal shows while the demonstration migrates its table, as a moving picture.

    integration/picture.py [ROWS]

It runs integration/demo.sh on a terminal of its own and draws the part in which pgwraith runs.
"""

import html
import os
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE / "lib"))

from terminal import ERASE, Terminal  # noqa: E402

WIDTH, LINE_HEIGHT, CHAR_WIDTH, MARGIN = 110, 18, 7.8, 14
FROM, UNTIL = "while pgwraith runs", "After"
# A browser that shows every redrawn line would show nothing else.
SHORTEST_FRAME = 0.15


class Recorder(Terminal):
    """Also knows when each piece was written."""

    def __init__(self, width):
        self.pieces = []
        super().__init__(width)

    def _read(self):
        while True:
            try:
                piece = os.read(self._ours, 1 << 16)
            except OSError:
                return
            self.pieces.append((time.monotonic(), piece))


def recorded(rows):
    terminal = Recorder(WIDTH)
    process = subprocess.Popen([HERE / "demo.sh", *rows], stdin=terminal.theirs, stdout=terminal.theirs,
                               stderr=terminal.theirs, preexec_fn=terminal.attach)
    status = process.wait()
    terminal.close()
    if status != 0:
        sys.exit(f"the demonstration failed ({status}); run integration/demo.sh to see why")
    return terminal.pieces


def plain(text):
    return text.replace("\x1b[1m", "").replace("\x1b[0m", "").rstrip()


def scenes(pieces):
    """(lines, frames): [when, text] that stay, and [when, until, row, text] of the line that is redrawn."""
    lines, frames, row, current, began = [], [], 0, "", None
    for when, piece in pieces:
        for char in split(piece.decode(errors="replace")):
            if char == "\n":
                if began is None:
                    if FROM in current:
                        began = when
                elif plain(current) == UNTIL:
                    return lines, frames
                else:
                    lines.append([when - began, plain(current)])
                    row += 1
                current = ""
            elif char == ERASE:
                current = ""
            else:
                current += char
        if began is not None and current and (not frames or when - began - frames[-1][0] >= SHORTEST_FRAME):
            end_last(frames, when - began)
            frames.append([when - began, None, row, plain(current)])
        elif not current:
            end_last(frames, when - began if began else 0)
    sys.exit(f"the demonstration never said `{UNTIL}`")


def split(text):
    """Characters; a line's end and the erasing of a line are one each."""
    text = text.replace("\r\n", "\n")
    while text:
        length = len(ERASE) if text.startswith(ERASE) else 1
        yield text[:length]
        text = text[length:]


def end_last(frames, when):
    if frames and frames[-1][1] is None:
        frames[-1][1] = when


def text_at(row, text, timing, hidden=False):
    y = MARGIN + LINE_HEIGHT * (row + 1)
    visibility = ' visibility="hidden"' if hidden else ""
    return f'<text x="{MARGIN}" y="{y}" xml:space="preserve"{visibility}>{html.escape(text)}{timing}</text>'


def drawn(lines, frames):
    """Whoever cannot show motion shows the lines that stay."""
    drawing = [text_at(0, "$ pgwraith run change.yaml", "")]
    for row, (when, text) in enumerate(lines, start=1):
        hidden = f'<set attributeName="visibility" to="hidden" begin="0s" dur="{when:.2f}s"/>' if when > 0 else ""
        drawing.append(text_at(row, text, hidden))
    for when, until, row, text in frames:
        if until and until > when:
            shown = f'<set attributeName="visibility" to="visible" begin="{when:.2f}s" dur="{until - when:.2f}s"/>'
            drawing.append(text_at(row + 1, text, shown, hidden=True))
    width = 2 * MARGIN + CHAR_WIDTH * max(len(text) for _, text in lines + [frame[2:] for frame in frames])
    height = 2 * MARGIN + LINE_HEIGHT * (len(lines) + 1)
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}">',
        '<style>text { font: 13px ui-monospace, Menlo, Consolas, monospace; fill: #d8dee9 }</style>',
        '<rect width="100%" height="100%" rx="8" fill="#1e2430"/>', *drawing, "</svg>", ""])


def main():
    if len(sys.argv) > 2 or not all(argument.isdigit() for argument in sys.argv[1:]):
        sys.exit("usage: integration/picture.py [ROWS]")
    picture = drawn(*scenes(recorded(sys.argv[1:])))
    (HERE.parent / "docs" / "demo.svg").write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
