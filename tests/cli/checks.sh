# What the scripts of this folder share, sourced from the root of the project: $D the program, $T a
# folder that goes at the end, and one line a test: "ok NAME", "FAIL NAME: why" or "skip NAME: why".
# A script prints "end" last.
D=$DENOSCOPE
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
export LC_ALL=C.UTF-8

PYTHON=  # with numpy; empty: there is none
for candidate in /usr/bin/python3 python3; do
  "$candidate" -c 'import numpy' 2>/dev/null && { PYTHON=$candidate; break; }
done

ok() { echo "ok $1"; }
fail() { echo "FAIL $1: $2"; }
# skip_all NAME WHY: the rest of the script.
skip_all() {
  echo "skip $1: $2"
  echo end
  exit 0
}
# What the program said, without the lines of mpirun.
said() { grep -aE 'denoscope|rror' "$T/err" | tail -n 3 | tr '\n' ' '; }

# expect NAME CODE PATTERN COMMAND...: exit code, and a pattern on stderr or stdout. A program that
# hangs fails.
expect() {
  local name=$1 code=$2 pattern=$3 got
  shift 3
  [ "$(type -t "$1")" = function ] || set -- timeout 600 "$@"
  "$@" >"$T/out" 2>"$T/err"
  got=$?
  if [ $got -ne "$code" ]; then
    fail "$name" "exit code $got, expected $code: $(said)"
  elif ! grep -qaE -- "$pattern" "$T/out" "$T/err"; then
    fail "$name" "no '$pattern' in: $(said)"
  else
    ok "$name"
  fi
}
# check NAME COMMAND...: exit code 0.
check() {
  local name=$1
  shift
  if "$@" >"$T/out" 2>&1; then ok "$name"; else fail "$name" "$(tail -n 3 "$T/out" | tr '\n' ' ')"; fi
}

# await JOB COMMAND...: until the command succeeds, the background job has ended, or two minutes are
# over. How far a program is must be looked at: on a busy machine seconds say little.
await() {
  local job=$1 i
  shift
  for ((i = 0; i < 12000; ++i)); do
    "$@" 2>/dev/null && return
    jobs -rp | grep -qx "$job" || return
    sleep 0.01
  done
}
has_cells() { [ "$(ls "$1/cells" 2>/dev/null | grep -c "^${3:-}.*npz\$")" -ge "$2" ]; }  # FOLDER N [PREFIX]
has_lines() { [ "$(wc -l 2>/dev/null <"$1" || echo 0)" -ge "$2" ]; }                      # FILE N

# For mpirun, as root or not: any number of ranks on whatever processors there are, none bound to one.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none

# Random moments come again with the SEED that was printed.
RANDOM=${SEED:=7}
echo "seed $SEED"
