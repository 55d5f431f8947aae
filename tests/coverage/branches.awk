# Sums up branches, FILE LINE NUMBER COUNT each; see run.sh for what is left out.
BEGIN { FS = "\t" }

{ # one branch, maybe seen by several programs or copies of an inline function
  key = $1 "\t" $2 "\t" $3
  if (!(key in count)) order[++keys] = key
  count[key] += $4
}

# What the source says of each of its lines: is a branch there left out?
function read_source(file,    line, number, depth, open) {
  number = 0
  while ((getline line < file) > 0) {
    number++
    if (line ~ /(^|[^A-Za-z_])CHECK(_UNREACHABLE)?\(/) left_out[file, number] = 1
    if (line ~ /^ *switch \(/) {
      match(line, /^ */)
      open = number
      indent = RLENGTH
      spare[file, open] = 1
    } else if (open && line ~ /_COUNT:/) {
      spare[file, open]++
    } else if (open && line ~ /^ *default:/) {
      spare[file, open] = 0
    } else if (open && match(line, /^ *}/) && RLENGTH == indent + 1) {
      open = 0
    }
  }
  close(file)
  known[file] = 1
}

function add(name, visited) {
  if (!(name in all)) names[++name_count] = name
  all[name]++
  if (visited) seen[name]++
}

function percent(name) {
  return all[name] == 0 ? 100 : 100 * seen[name] / all[name]
}

function text_of(name) {
  return sprintf("%-34s %6d of %6d branches  %5.1f %%\n", name, seen[name], all[name], percent(name))
}

function aim(name, wanted,    reached) {
  reached = percent(name) >= wanted - 0.0001
  printf "aim: %-29s %5.1f %% of %d %%  %s\n", name, percent(name), wanted, reached ? "reached" : "missed"
}

END {
  for (i = 1; i <= keys; i++) {
    split(order[i], part_of, "\t")
    file = part_of[1]; line = part_of[2]
    folder = file
    sub(/\/[^\/]*$/, "", folder)
    if (folder == "src/probe") continue
    if (!known[file]) read_source(file)
    visited = count[order[i]] > 0
    if ((file, line) in left_out || (!visited && spare[file, line]-- > 0)) {
      omitted++
      continue
    }
    add("all", visited)
    add(folder, visited)
    if (mode == "files") add(file, visited)
    if (mode != "files" && (file == "src/core/settle.c" || file == "src/wire/classify.c" || file == "src/http/download.c")) add(file, visited)
    if (mode == "unvisited" && !visited && index(file, part)) missing[file ":" line]++
  }
  if (mode == "unvisited") {
    for (place in missing) {
      split(place, at, ":")
      text = ""
      for (n = 1; n <= at[2]; n++) getline text < at[1]
      close(at[1])
      printf "%s: %d: %s\n", place, missing[place], text | "sort -t: -k1,1 -k2,2n"
    }
    close("sort -t: -k1,1 -k2,2n")
    exit
  }
  for (i = 1; i <= name_count; i++) if (names[i] != "all") printf "%s", text_of(names[i]) | "sort"
  close("sort")
  printf "%s", text_of("all")
  printf "left out: %d\n", omitted
  aim("src/core", 100)
  aim("src/core/settle.c", 100)
  aim("src/wire/classify.c", 100)
  aim("src/store", 100)
  aim("src/http/download.c", 100)
  aim("all", 90)
}
