#!/usr/bin/env bash
# The project names no machine's folders and no package registry's host: it is built from Debian's
# packages wherever it lies.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh" "$@"

# Written so that the patterns do not find themselves.
registries='py[p]i[.](org|io)|pythonhoste[d][.]org|npmj[s][.](org|com)|yarnpk[g][.]com|crate[s][.]io|rubygem[s][.]org|prox[y][.]golang[.]org|mave[n](central|[.]org|[.]apache)|packagis[t][.]org|cona[n][.]io|docke[r][.]io|ghc[r][.]io|qua[y][.]io|anacond[a][.]org|hex[.]p[m]([^[:alpha:]]|$)|nuge[t][.]org|huggingfac[e][.]co'
# Tests may make up people's folders.
folders='(^|[^[:alnum:]_.{}$~-])/(hom[e]|User[s]|roo[t]|wor[k]|workspac[e]|builddi[r])/[[:alnum:]_.-]'

# Reads "FILE:LINE:TEXT".
judge() {
  grep -aiE "^[^:]*:[0-9]+:.*($registries)" "$scratch/text" | sed 's/$/   <- a package registry/' || true
  sed -E 's/^([^:]*:[0-9]+:)/\1 /' "$scratch/text" |
    grep -aE "^[^:]*:[0-9]+:.*($folders)" |
    grep -avE '^tests/[^:]*\.[ch]:' | sed 's/$/   <- a folder of one machine/' || true
  case $source_dir in
  /*/*) # one name alone is no proof: /nightshift is a folder of ours, too
    grep -aE "(^|[^[:alnum:]_.{}$~*-])$(printf '%s' "$source_dir" | sed 's/[][\.*^$+?(){}|]/\\&/g')/" "$scratch/text" |
      sed 's/$/   <- where this checkout lies/' || true
    ;;
  esac
}

really=$source_dir
source_dir='/srv/b.c'
printf '%s\n' 'a.md:1:see https://py''pi.org/project/x' 'a.c:2:fopen("/ho''me/ann/x")' 'a.sh:3:cd /srv/b.c/src' \
  'a.sh:4:/ro''ot/x' >"$scratch/text"
judge | expect_offences 4 "places that only one machine has"
printf '%s\n' 'a.sh:3:cd /srv/bXc/src' 'a.sh:4:x/srv/b.c/' >"$scratch/text"
judge | expect_offences 0 "places that only look like the checkout"
source_dir=$really
printf '%s\n' 'a.md:1:the happy home/ of a worker, ~/films/x, $HOME/x, /etc/nightshift' >"$scratch/text"
judge | expect_offences 0 "places that every machine has"

cd "$source_dir"
project_files '*' '.*' | tr '\n' '\0' | xargs -0 -r grep -nHI '' >"$scratch/text" || true
judge | cut -c 1-300 | conclude
