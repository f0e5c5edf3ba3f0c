#!/usr/bin/env bash
# One Jacobian over the ranks of a job: its rows, leading pairs and whole spectrum under mpirun, beside
# what one process makes.
set -uo pipefail
cd "$(dirname "$0")/../.."
source tests/cli/checks.sh
command -v mpirun >/dev/null || skip_all ranks_spectra "no mpirun"
[ -n "$PYTHON" ] || skip_all ranks_spectra "no python3 with numpy"
model=models/fashion-unet
ranks=(mpirun -n 2)
"$PYTHON" - "$T" <<'PY'
import numpy as np, sys
y = np.random.default_rng(0).normal(0.5, 0.3, (1, 28, 28)).astype('f4')
np.save(sys.argv[1] + '/y.npy', y)
np.save(sys.argv[1] + '/other.npy', y + 1)
PY
J=($D jacobian --model $model --input "$T/y.npy" --sigma 0.3)

# Rows: the file of one process with as many threads each.
expect rows_alone 0 'trace' "${J[@]}" --threads 1 --out "$T/alone.npy"
expect rows 0 'J of 784 x 784 float32, trace' "${ranks[@]}" "${J[@]}" --threads 1 --out "$T/J.npy"
check rows_are_those_of_one_process cmp "$T/alone.npy" "$T/J.npy"
check rows_leave_nothing_else test -z "$(ls "$T" | grep partial)"
check rows_said_once test "$(grep -ac trace "$T/out")" -le 1
expect rows_exist 1 "J.npy': exists, use --force" "${ranks[@]}" "${J[@]}" --out "$T/J.npy"
expect ranks_that_differ 1 'rank 1 of 2: has .*rank 0 ' "${ranks[@]}" bash -c \
  "exec $D jacobian --model $model --input '$T/y.npy' --sigma 0.\$((OMPI_COMM_WORLD_RANK + 3)) --out '$T/K.npy'"
expect an_error_of_all_is_said_once 1 'jacobian: block must be at least 0' "${ranks[@]}" "${J[@]}" --block=-1 --out "$T/K.npy"
check said_once test "$(grep -ac 'block must be' "$T/err")" -eq 1
expect plan_of_ranks 0 '^ *8 .*x .*%' "${J[@]}" --dry-run --ranks 8 --out "$T/K.npy"
expect plan_of_pairs 0 'the least time' "${J[@]}" --top 4 --dry-run --ranks 8 --out "$T/K.npy"
check nothing_left test ! -e "$T/K.npy"

# A rank killed half-way: its block is lost, no other; any number of ranks goes on.
slow=("${J[@]}" --engine dense --dtype float64 --block 4 --threads 1)
expect slow_alone 0 'float64' "${slow[@]}" --out "$T/slow.npy"
"${ranks[@]}" "${slow[@]}" --out "$T/killed.npy" >"$T/out" 2>"$T/err" &
job=$!
await $job has_lines "$T/killed.npy.partial-pieces" 4
victim=$(pgrep -P "$job" -x denoscope | tail -n 1)
[ -z "$victim" ] || kill -9 "$victim"
wait $job
if [ -e "$T/killed.npy" ]; then
  fail rank_killed "the job ended before the kill"
else
  done_before=$(($(wc -l <"$T/killed.npy.partial-pieces") - 1))
  if [ "$done_before" -ge 3 ]; then ok rank_killed; else fail rank_killed "$done_before blocks are done, expected 3"; fi
  expect resumed_by_two 0 "jacobian: $done_before of" "${ranks[@]}" "${slow[@]}" --out "$T/killed.npy"
  check resumed_same_bytes cmp "$T/slow.npy" "$T/killed.npy"
fi
"${ranks[@]}" "${slow[@]}" --out "$T/stopped.npy" >"$T/out" 2>"$T/err" &
job=$!
await $job has_lines "$T/stopped.npy.partial-pieces" 4
for pid in $(pgrep -P "$job" -x denoscope); do kill -TERM "$pid"; done
wait $job
check stopped test -e "$T/stopped.npy.partial-pieces"
expect resumed_by_one 0 'float64' "${slow[@]}" --out "$T/stopped.npy"
check stopped_same_bytes cmp "$T/slow.npy" "$T/stopped.npy"
check stopped_leaves_nothing test -z "$(ls "$T" | grep partial)"

# Leading pairs.
expect top_alone 0 'converged: 8 of 8' "${J[@]}" --top 8 --out "$T/top1.npz"
expect top 0 'by 2 ranks, each of which heard' "${ranks[@]}" "${J[@]}" --top 8 --probes 8 --out "$T/top2.npz"
check top_agrees "$PYTHON" - "$T" <<'PY'
import numpy as np, sys
a, b = (np.load(f'{sys.argv[1]}/top{n}.npz') for n in (1, 2))
for name in ('eigenvalues', 'singular_values'):
    assert np.abs(a[name] - b[name]).max() < 1e-4 * a[name][0], name
assert (b['complete'] == 1).all() and b['trace'].shape == (2,)
PY
"${ranks[@]}" $D jacobian --model $model --input "$T/y.npy" --sigma 0.3 --top 300 --out "$T/never.npz" >"$T/out" 2>"$T/err" &
job=$!
sleep 1.5
kill -TERM $job
for _ in $(seq 200); do kill -0 $job 2>/dev/null || break; sleep 0.05; done
if kill -0 $job 2>/dev/null; then fail top_stopped "still at work 10 s after SIGTERM"; kill -9 $job; else ok top_stopped; fi
wait $job
check top_stopped_leaves_nothing test ! -e "$T/never.npz"

# The whole spectrum: by LAPACK in one process, by ELPA on two.
expect spectrum_alone 0 '784 eigenvalues of sym.J., .* by LAPACK' $D jacobian --matrix "$T/alone.npy" --spectrum "$T/S1.npy" --eigenvectors "$T/V1.npy"
expect spectrum_of_nothing 1 'absent.npy' $D jacobian --matrix "$T/absent.npy" --spectrum "$T/S.npy"
expect spectrum_of_no_matrix 1 'expected a square matrix of float32 or float64' $D jacobian --matrix "$T/S1.npy" --spectrum "$T/S.npy"
expect matrix_and_model 2 'stands in place of' "${J[@]}" --matrix "$T/alone.npy" --spectrum "$T/S.npy"
expect matrix_alone 2 'goes with --spectrum' $D jacobian --matrix "$T/alone.npy"
expect vectors_alone 2 'goes with --spectrum' "${J[@]}" --out "$T/K.npy" --eigenvectors "$T/V.npy"
expect spectrum_and_top 2 'is of the whole matrix' "${J[@]}" --out "$T/K.npy" --top 4 --spectrum "$T/S.npy"
expect spectrum_exists 1 "S1.npy': exists" "${J[@]}" --out "$T/K.npy" --spectrum "$T/S1.npy"
expect no_input 2 'input is required' $D jacobian --model $model --sigma 0.1 --out "$T/K.npy"
"${ranks[@]}" "${J[@]}" --out "$T/J2.npy" --spectrum "$T/S2.npy" --eigenvectors "$T/V2.npy" --json >"$T/spectrum.json" 2>"$T/err"
code=$?
if [ $code -ne 0 ] && grep -qa 'built without' "$T/err"; then
  echo "skip spectrum: the program is built without ELPA"
elif [ $code -ne 0 ]; then
  fail spectrum "exit code $code: $(grep -a denoscope "$T/err" | tail -n 3 | tr '\n' ' ')"
else
  ok spectrum
  expect spectrum_of_a_file 0 'by ELPA on 2 ranks' "${ranks[@]}" $D jacobian --matrix "$T/slow.npy" --spectrum "$T/S3.npy" --eigenvectors "$T/V3.npy"
  expect spectrum_of_nothing_by_two 1 'absent.npy' "${ranks[@]}" $D jacobian --matrix "$T/absent.npy" --spectrum "$T/S.npy"
  check spectrum_agrees "$PYTHON" - "$T" <<'PY'
import json, numpy as np, sys
T = sys.argv[1]
report = json.load(open(T + '/spectrum.json'))
assert report['ranks'] == 2 and 'ELPA' in report['spectrum']['by']
for n, matrix, tolerance in ((1, 'alone', 1e-5), (2, 'J2', 1e-5), (3, 'slow', 1e-11)):
    J = np.load(f'{T}/{matrix}.npy').astype('f8')
    S = (J + J.T) / 2
    s, V = np.load(f'{T}/S{n}.npy'), np.load(f'{T}/V{n}.npy').astype('f8')
    assert s.shape == (784,) and V.shape == (784, 784) and (np.diff(s) <= 0).all()
    assert np.abs(s - np.linalg.eigvalsh(S)[::-1]).max() < tolerance * s[0], n
    assert np.abs(V @ V.T - np.eye(784)).max() < tolerance, n
    assert np.abs(V @ S - s[:, None] * V).max() < tolerance * s[0], n
    assert (V[np.arange(784), np.abs(V).argmax(1)] > 0).all(), n
PY
  check spectrum_leaves_nothing test -z "$(ls "$T" | grep partial)"
fi
echo end
