#!/usr/bin/env bash
# A page of docs/ as a manual page: docs/man.sh PAGE.md >NAME.SECTION
# The page begins with "# NAME(SECTION)" and has its sections at the second level, Name first.
set -euo pipefail
page=$1
read -r _ heading <"$page"
name=${heading%%(*} section=${heading##*(}

# A table becomes a list of terms: a terminal has no room for columns of text. What stands between
# the first cell and the last goes behind the term, or before the last, each with its column's name.
tables_to_lists() {
  awk -F ' *[|] *' '
    /^\|/ {
      if (!inside++) { for (i = 2; i < NF; i++) head[i] = $i; next }
      if ($0 ~ /^\|[ -]*-[-| ]*$/) next
      last = NF - 1; between = ""; named = head[last] !~ /^(for|meaning)$/
      for (i = 3; i < last; i++)
        if ($i != "")
          between = between (between == "" ? "" : "; ") (head[i] == "takes" ? "" : head[i] (named ? ": " : " ")) $i
      if (named) printf "%s\n: %s%s\n\n", $2, between, $last == "" ? "" : ". " head[last] ": " $last
      else printf "%s%s\n: %s\n\n", $2, between == "" ? "" : " (" between ")", $last
      next
    }
    { inside = 0; print }'
}

# Links to other pages become their text. lowdown asks for a font that not every reader has.
sed -E '1d; s/\[([^]]*)\]\([^)]*\.md[^)]*\)/**\1**/g' "$page" | tables_to_lists |
  lowdown -s -Tman --out-no-smarty -mtitle="$name" -msection="${section%)}" -mdate="" \
    -msource=nightshift -mshiftheadinglevelby=-1 - |
  sed -E 's/\\fC/\\fB/g'
