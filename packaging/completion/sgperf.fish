# SPDX-License-Identifier: Apache-2.0
# fish completion of sgperf.  Commands and options are read from the command's own --help, so that they are always its own.

function __sgperf_command
    for word in (commandline -opc)[2..-1]
        if not string match -q -- '-*' $word
            echo $word
            return
        end
    end
end

function __sgperf_options
    sgperf (__sgperf_command) --help 2>/dev/null | string match -rg '^  (-\S+)' | string split , | string replace -r '[={].*' ''
end

function __sgperf_commands
    sgperf --help 2>/dev/null | string match -rg '^  ([a-z][a-z-]*) +(.*)' | paste - -
end

complete -c sgperf -n 'test (__sgperf_command) = suite' -a 'build validate describe pick'
complete -c sgperf -n 'test -z (__sgperf_command)' -f -a '(__sgperf_commands)'
complete -c sgperf -n 'string match -q -- "-*" (commandline -ct)' -f -a '(__sgperf_options)'
