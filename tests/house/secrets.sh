#!/usr/bin/env bash
# Who may read a secret's text, and that nothing of the program's makes libcurl talk of what it sends.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh" "$@"

# Each with its reason.
declare -A may_reveal=(
  [src/util/secret.c]="it is there"
  [src/util/secret.h]="it is there"
  [src/http/call.c]="the Authorization header; and the words of a failure are looked through for it"
  [src/http/client.c]="whether it can stand in a header, and whether it is there already"
  [src/cli/environment.c]="the config asks the environment for it by its name"
)

# Reads "FILE:LINE:text" and prints the offences.
judge() {
  local file line text
  while IFS=: read -r file line text; do
    case $text in
    *secret_reveal*)
      [ -n "${may_reveal[$file]:-}" ] || printf '%s:%s: may not read a secret\n' "$file" "$line"
      ;;
    *CURLOPT_VERBOSE* | *CURLOPT_DEBUGFUNCTION* | *CURLOPT_STDERR*)
      printf '%s:%s: libcurl would write down headers\n' "$file" "$line"
      ;;
    *) printf '%s:%s: a secret or an environment is handed on in a way that is not looked after\n' "$file" "$line" ;;
    esac
  done
}

judge <<'SAMPLE' | expect_offences 3 "secrets that show"
src/report/x.c:1:  log_text(line, "token", secret_reveal(token));
src/http/x.c:2:  TRANSFER_SET(transfer, CURLOPT_VERBOSE, 1L);
src/runtime/x.c:3:  posix_spawnp(&process, "sh", NULL, NULL, arguments, environ);
SAMPLE
judge <<'SAMPLE' | expect_offences 0 "secrets that are looked after"
src/http/call.c:1:  const char *token = secret_reveal(call->token);
SAMPLE

cd "$source_dir"
project_files 'src/*.[ch]' 'include/*.h' |
  xargs -r grep -nHE 'secret_reveal|CURLOPT_(VERBOSE|DEBUGFUNCTION|STDERR)|(spawnp?|execv[pe]*)\(.*environ\b|\bsystem\(|\bpopen\(|\bsetenv\(|\bputenv\(' |
  judge | conclude
