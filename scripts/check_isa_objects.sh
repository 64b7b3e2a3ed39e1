#!/bin/sh
# Fails if an object compiled for one instruction set could leak instructions into code that runs on
# any CPU: by a weak symbol (an inline function or std:: template that the linker may pick for
# everybody) or by code that runs at program start.
#   scripts/check_isa_objects.sh OBJECT...
# NM and OBJDUMP name the programs for another machine's objects.
set -eu
[ $# -gt 0 ] || { echo "usage: $0 OBJECT..." >&2; exit 2; }

bad=0
for object in "$@"; do
  [ -f "$object" ] || { echo "$object: no such object; build maxsimd_kernels first" >&2; exit 2; }
  if "${NM:-nm}" -C "$object" | grep -E '^[0-9a-f]+ [uVvWw] '; then
    echo "$object: weak symbols, compiled for one instruction set but offered to everybody"
    bad=1
  fi
  if "${OBJDUMP:-objdump}" -h "$object" | grep -E '\.(init_array|ctors|fini_array)'; then
    echo "$object: code that runs at program start, on any CPU"
    bad=1
  fi
done
echo "$# objects checked"
exit $bad
