# SPDX-License-Identifier: Apache-2.0
# bash completion of sgperf.  Commands and options are read from the command's own --help, so that they are always its own.

# _sgperf_words [COMMAND]: options, and without COMMAND also the commands
_sgperf_words() {
  sgperf "$@" --help 2>/dev/null | command sed -n \
    -e '/^Subcommands:/,$ s/^  \([a-z][a-z-]*\) .*/\1/p' \
    -e 's/^  \(-[^ ]*\).*/\1/p' | command tr ',' '\n' | command sed 's/[={].*//'
}

_sgperf() {
  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command= i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
    --) # what follows is a program of the user and its arguments
      COMPREPLY=($(compgen -c -f -- "$word"))
      return
      ;;
    -*) ;;
    *)
      if [[ -z $command ]]; then
        command=${COMP_WORDS[i]}
      elif [[ $command == suite && ${COMP_WORDS[i]} =~ ^(build|validate|describe|pick)$ ]]; then
        command="suite ${COMP_WORDS[i]}"
      fi
      ;;
    esac
  done
  case $previous in
  -e | --engine)
    COMPREPLY=($(compgen -f -W "all $(sgperf engines 2>/dev/null | command sed -n 's/^\([a-z][a-z0-9-]*\) [0-9].*/\1/p')" -- "$word"))
    return
    ;;
  -o | --output | -i | --input)
    COMPREPLY=($(compgen -f -- "$word"))
    return
    ;;
  esac
  if [[ -z $command || $word == -* ]]; then
    COMPREPLY=($(compgen -W "$(_sgperf_words $command)" -- "$word"))
  elif [[ $command == suite ]]; then # with commands of its own
    COMPREPLY=($(compgen -f -W "$(_sgperf_words suite | command grep '^[a-z]')" -- "$word"))
  else
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}
complete -o filenames -F _sgperf sgperf
