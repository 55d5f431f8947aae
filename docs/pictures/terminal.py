"""What stood on a terminal, as SVG: terminal.py RECORDING COLUMNS ROWS SHARE
RECORDING is what script(1) recorded; SHARE of it had been written when the picture is taken. Understood is what
nightshift writes: text, colours, cursor up, erase below."""
import html
import re
import sys

COLORS = {"31": "#d4524d", "32": "#3fa266", "33": "#c98a1b", "34": "#5b8dd9", "36": "#3a9c9c", "2": "#8a8a8a", "90": "#8a8a8a"}
TOKEN = re.compile(r"\x1b\[([0-9;]*)([A-Za-z])|(\r?\n)|(\r)|([^\x1b\r\n])")


def screen(text, columns):
    lines, row, column, style = [[]], 0, 0, ("", False)
    for code, kind, newline, back, char in TOKEN.findall(text):
        if char:
            line = lines[row]
            line += [(" ", ("", False))] * (column - len(line) + 1)
            line[column] = (char, style)
            column += 1
        elif newline:
            row, column = row + 1, 0
            if row == len(lines):
                lines.append([])
        elif back:
            column = 0
        elif kind == "A":
            row = max(0, row - int(code or 1))
        elif kind == "J":
            del lines[row + 1 :]
            del lines[row][column:]
        elif kind == "m":
            for part in (code or "0").split(";"):
                style = ("", False) if part == "0" else (style[0], True) if part == "1" else (COLORS.get(part, style[0]), style[1])
    return [line[:columns] for line in lines]


def spans(line):
    begin = 0
    while begin < len(line):
        end = begin
        while end < len(line) and line[end][1] == line[begin][1]:
            end += 1
        color, bold = line[begin][1]
        look = (f' fill="{color}"' if color else "") + (' font-weight="bold"' if bold else "")
        yield f'<tspan x="{begin * 8.4 + 12:.1f}"{look}>{html.escape("".join(char for char, _ in line[begin:end])).replace(" ", "&#160;")}</tspan>'
        begin = end


name, columns, rows, share = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
with open(name, encoding="utf-8", errors="replace", newline="") as file:
    text = file.read().split("\n", 1)[1]  # script's own first line
cut = text.rfind("\x1b[J", 0, int(len(text) * share))
cut = re.compile(r"\x1b\[[0-9]*A").search(text, cut + 3).start()  # the block stands whole just before it is drawn anew
lines = screen(text[:cut], columns)[-rows:]
width, height = columns * 8.4 + 24, len(lines) * 18 + 24
print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" height="{height}">')
print(f'<rect width="100%" height="100%" rx="8" fill="#1d1f21"/><g font-family="ui-monospace,DejaVu Sans Mono,monospace" font-size="14" fill="#d8d8d8" xml:space="preserve">')
for number, line in enumerate(lines):
    print(f'<text y="{number * 18 + 26}">{"".join(spans(line))}</text>')
print("</g></svg>")
