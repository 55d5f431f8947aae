"""The blocks of a page that are written to be used: doc_blocks.py PAGE DIRECTORY
Writes each to DIRECTORY/NUMBER and prints "NUMBER LINE KIND WHY", WHY being the reason of a comment
<!-- not run: WHY --> just before it, or "-". Kinds: sh, yaml, console, text; and "none" for a fence that
does not say. Indented lines that call nightshift are sh."""
import re
import sys

MARK = re.compile(r"^<!-- not run: (.+) -->$")
CALL = re.compile(r"^    (nightshift |build/|\./dev|systemctl |journalctl |sudo |export )")


def blocks(lines):
    why, number = "-", 0
    while number < len(lines):
        line = lines[number]
        mark = MARK.match(line)
        if line.startswith("```"):
            begin, kind = number, line[3:].strip() or "none"
            number += 1
            while not lines[number].startswith("```"):
                number += 1
            yield begin + 1, kind, why, lines[begin + 1 : number]
            why = "-"
        elif CALL.match(line):
            begin = number
            while number < len(lines) and lines[number].startswith("    "):
                number += 1
            yield begin + 1, "sh", why, [text[4:] for text in lines[begin:number]]
            why, number = "-", number - 1
        elif mark:
            why = mark.group(1)
        elif line.strip():
            why = "-"
        number += 1


with open(sys.argv[1], encoding="utf-8") as file:
    page = file.read().splitlines()
for place, (line, kind, why, text) in enumerate(blocks(page)):
    with open(f"{sys.argv[2]}/{place}", "w", encoding="utf-8") as file:
        file.write("\n".join(text) + "\n")
    print(place, line, kind, why)
