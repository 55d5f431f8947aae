# Completion for bash: install it as /usr/share/bash-completion/completions/nightshift, or source it.
_nightshift() {
  local line=${COMP_LINE:0:COMP_POINT} words candidate kept
  read -ra words <<<"$line"
  if [[ $line == *[[:space:]] ]]; then words+=(''); fi
  local begun=${words[-1]}
  # bash itself parts words at : = @ and replaces only what comes after.
  kept=${begun%"${COMP_WORDS[COMP_CWORD]}"}
  COMPREPLY=()
  while IFS= read -r candidate; do
    if [ "$candidate" = :file ]; then
      compopt -o filenames 2>/dev/null || true
      mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")
    else
      COMPREPLY+=("${candidate#"$kept"}")
    fi
  done < <("${words[0]}" complete -- "${words[@]:1}" 2>/dev/null)
}
complete -F _nightshift nightshift
