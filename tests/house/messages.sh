#!/usr/bin/env bash
# Every error and warning that the program can print says what to do, or docs/troubleshooting.md does; and
# that page has no message that is not there. `tests/support/messages.py .` lists them all.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh" "$@"

# How a message says what to do. One that only looks so is worse than one that does not: add with care.
remedy='did you mean|expected |must be in quotes|\b(write|give|use|name|set|leave|move|put|run|make|see|change|take|look|wait|ask|link|pin|mend|choose|install|compare|build|keep|try|need|needs|wanted)\b|lists them|makes room|fetches it|submits it again|no option of|belongs (under|at|to)'

# Messages of the page, one a line, out of the first cells of its rows; a row needs all three.
explained() { # PAGE
  grep '^| `' "$1" | python3 -c '
import re, sys
for row in sys.stdin:
    cells = [cell.strip() for cell in re.split(r" \| ", row.strip().strip("|"))]
    if len(cells) != 3 or min(map(len, cells[1:])) < 5:
        print("!" + row.strip()[:80])
        continue
    for message in cells[0].split("<br>"):
        ticks = 2 if message.startswith("``") else 1
        print(message[ticks:-ticks].strip())
'
}

# Lines of $1 that no line of $2 matches, in which "…" stands for any text (with $3, the other way round).
unmatched() {
  python3 -c '
import re, sys
texts, rows = ([line.rstrip("\n") for line in open(name)] for name in sys.argv[1:3])
match = {row: re.compile(".*".join(map(re.escape, row.split("…")))).fullmatch for row in rows}
if len(sys.argv) > 3:
    print("\n".join(row for row in rows if not any(map(match[row], texts))))
else:
    print("\n".join(text for text in texts if not any(hit(text) for hit in match.values())))
' "$@" | sed '/^$/d'
}

judge() { # SOURCE-DIR PAGE
  python3 "$source_dir/tests/support/messages.py" "$1" >"$scratch/messages"
  explained "$2" >"$scratch/explained"
  sed -n "s|^!\(.*\)|$2: a row needs a message, what it means and what to do: \1|p" "$scratch/explained"
  cut -f 2 "$scratch/messages" | sort -u >"$scratch/said"
  grep -vE "$remedy" "$scratch/said" >"$scratch/silent"
  grep -v '^!' "$scratch/explained" | sort -u >"$scratch/told"
  unmatched "$scratch/said" "$scratch/told" rows | sed "s|^|$2: the program has no such message: |"
  unmatched "$scratch/silent" "$scratch/told" | sed "s|^|$2: does not explain: |"
}

mkdir -p "$scratch/tree/src/cli"
cat >"$scratch/tree/src/cli/a.c" <<'C'
/* complain("of a comment"); */
void f(void) {
  complain("%s is broken: %s", a, "%d things (" );
  complain("it is blue; give it %s", "another");
  error_set(error, ERR_IO, "the box %s "
            "is shut", box);
}
C
printf '| message | meaning | what to do |\n|---|---|---|\n| `the box … is shut` | it is shut | open it |\n| `nobody says so` | nothing | nothing |\n| `… is broken: …` | | mend it |\n' >"$scratch/page.md"
judge "$scratch/tree" "$scratch/page.md" | expect_offences 3 "a message unexplained, one that is not there, a row without words"

cd "$source_dir"
judge . docs/troubleshooting.md | conclude
