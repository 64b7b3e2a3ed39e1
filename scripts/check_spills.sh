#!/bin/sh
# Fails if a hot loop of the kernels keeps vectors on the stack: the compiler has then run out of registers
# and halves the speed (g++ 12 did it to the int8 tile, 220 instead of 455 GOP/s).
# A hot loop is an innermost loop that multiplies and adds vectors by values broadcast from memory, or
# on AArch64 by one lane of a register.
#   scripts/check_spills.sh OBJECT_OR_LIBRARY...
# OBJDUMP names the program for another machine's objects.
set -eu
[ $# -gt 0 ] || { echo "usage: $0 OBJECT_OR_LIBRARY..." >&2; exit 2; }

"${OBJDUMP:-objdump}" -dC --no-show-raw-insn "$@" | awk '
  function hex(s,  i, n) {
    n = 0
    for (i = 1; i <= length(s); ++i) n = n * 16 + index("0123456789abcdef", substr(s, i, 1)) - 1
    return n
  }
  # Looks at the loop from instruction `first` to the jump back at `last`.
  function look(first, last,  i, fma, broadcast, stack) {
    fma = 0; broadcast = 0; stack = ""
    for (i = first; i <= last; ++i) {
      if (i < last && is_back[i] && target[i] >= address[first]) return  # not innermost
      if (text[i] ~ /vfn?m(add|sub)[0-9]+ps|vpdpbusd|vdpbf16ps|vpmaddwd/) ++fma
      if (text[i] ~ /vp?broadcast(ss|d) .*\(/ && text[i] !~ /\(%rip\)/) ++broadcast
      if (text[i] ~ /\t(fmla|smlal|sdot)\t/) ++fma
      if (text[i] ~ /\t(fmla|sdot)\t.*\[0\]|\tld1r\t/) ++broadcast
      if (on_stack(text[i])) stack = stack "\n    " text[i]
    }
    if (fma < 2 || broadcast == 0) return
    ++loops
    if (stack != "") { print "vectors on the stack in a hot loop: " name stack; ++bad }
  }
  # Whether an instruction moves a vector to or from the stack.
  function on_stack(text) {
    if (text ~ /%[xyz]mm/) return text ~ /\(%rsp/ || (has_frame && text ~ /\(%rbp/)
    return text ~ /\t(ld|st)[a-z0-9]*\t\{?[vq][0-9]+.*\[(sp|x29)/
  }
  function finish(  i, j) {
    for (i = 1; i <= count; ++i) {
      if (!is_back[i]) continue
      for (j = i; j > 1 && address[j] > target[i]; --j) {}
      look(j, i)
    }
    count = 0; has_frame = 0
  }
  /^[0-9a-f]+ <.*>:$/ { finish(); name = $0; sub(/^[0-9a-f]+ /, "", name); next }
  /^ +[0-9a-f]+:/ {
    ++count
    address[count] = hex(substr($1, 1, length($1) - 1))
    text[count] = $0
    is_back[count] = 0
    if ($0 ~ /mov +%rsp,%rbp/) has_frame = 1
    # jcc TARGET; on AArch64 b.cond TARGET, cbnz REGISTER, TARGET, tbnz REGISTER, #BIT, TARGET
    field = $2 ~ /^(j|b$|b\.)/ ? 3 : $2 ~ /^cbn?z$/ ? 4 : $2 ~ /^tbn?z$/ ? 5 : 0
    if (field && $field ~ /^[0-9a-f]+$/) {
      target[count] = hex($field)
      if (target[count] <= address[count]) is_back[count] = 1
    }
  }
  END {
    finish()
    printf "%d hot loops, %d with vectors on the stack\n", loops, bad
    exit bad > 0 || loops == 0
  }'
