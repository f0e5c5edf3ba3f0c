#!/usr/bin/env bash
# Runs shared by several ranks and by several jobs: the same bytes as of one process, and what
# happens when ranks disagree, die, or do not share a folder.
# KILLS (20 unless set): ranks killed at random moments.
set -uo pipefail
cd "$(dirname "$0")/../.."
source tests/cli/checks.sh
command -v mpirun >/dev/null || skip_all ranks "no mpirun"
# Ranks that outnumber the processors get one thread each; one process has to be told.
one="--threads 1"
same_run() { diff -rq -x timing.csv -x run.json -x report.html -x .claims -x '*.gp' "$1" "$2"; }

gauss=gaussian:size=16,train=400,test=200
grid=(analyze --model linear:wiener --modes 20)
small=("${grid[@]}" --data $gauss --sigmas 0.1:1:log4 --evaluation-images 100 --images 0-3)

# What cannot be seen of a folder takes a minute to be sure of: begun first, looked at last.
private=$T/private
mkdir "$private"
if unshare -m true 2>/dev/null; then
  mpirun -n 1 $D "${small[@]}" --out "$private/run" : \
    -n 1 unshare -m bash -c 'mount -t tmpfs none "$1" && shift && exec "$@"' _ "$private" \
    $D "${small[@]}" --out "$private/run" >"$T/private.log" 2>&1 &
  not_shared=$!
fi

# The same bytes for any number of ranks, in every kind of run.
expect one_process 0 'emergence.png' $D "${small[@]}" $one --out "$T/one"
expect two_ranks 0 'emergence.png' mpirun -n 2 $D "${small[@]}" --out "$T/two"
expect three_ranks 0 'emergence.png' mpirun -n 3 $D "${small[@]}" --out "$T/three"
for other in two three; do check ${other}_same same_run "$T/one" "$T/$other"; done
check ranks_recorded grep -q '"ranks": 2' "$T/two/run.json"
check each_rank_worked bash -c "cut -d, -f3 '$T/two/timing.csv' | sort -u | tr '\n' ' ' | grep -q '0 1'"
check each_unit_once test "$(grep -v waiting "$T/two/timing.csv" | cut -d, -f1 | sort | uniq -d | wc -l)" = 0
check no_temporaries test -z "$(find "$T/two" "$T/three" -name '*.tmp-*')"
studies() {
  "${@:2}" $D sample --model models/fashion-unet --data gaussian:size=28,train=400,test=40 --samples 4 --levels 5 --jacobian 2 --jacobian-samples 1 $run_threads --out "$T/sample-$1" &&
    "${@:2}" $D posterior --model linear:wiener --data $gauss --images 0,1 --sigmas 0.3,1 --top 4 --coverage-images 20 $run_threads --out "$T/posterior-$1" &&
    "${@:2}" $D linear spiked --d 40 --ratio 2 --modes 4 --trials 4 $run_threads --out "$T/spiked-$1" &&
    "${@:2}" $D linear pca --data $gauss --n 30,100 --modes 4 --sigmas 0.1,0.5 --draws 2 $run_threads --out "$T/pca-$1"
}
run_threads=$one
check studies_of_one studies one env
run_threads=
check studies_of_two studies two mpirun -n 2
for kind in sample posterior spiked pca; do check ${kind}_same same_run "$T/$kind-one" "$T/$kind-two"; done

# Ranks that are not alike, or are not wanted.
expect ranks_disagree 1 'rank 1 of 2: has seed=5, rank 0 seed=0' mpirun -n 1 $D "${small[@]}" --out "$T/never" : -n 1 $D "${small[@]}" --seed 5 --out "$T/never"
other=(analyze --model models/fashion-unet --images 0 --sigmas 1 --out "$T/never" --data)
expect data_disagree 1 'rank 1 of 2: has data.name="gaussian.*rank 0 data.name="gaussian' mpirun -n 1 $D "${other[@]}" gaussian:size=28,train=40,test=20 : -n 1 $D "${other[@]}" gaussian:size=28,train=41,test=20
expect one_without_model 1 "rank 1 of 2: .*nowhere" mpirun -n 1 $D analyze --model models/fashion-unet --images 0 --out "$T/never" : -n 1 $D analyze --model "$T/nowhere" --images 0 --out "$T/never"
check said_once test "$(grep -c 'nowhere' "$T/err")" = 1
expect all_without_model 1 "^denoscope: .*nowhere" mpirun -n 2 $D analyze --model "$T/nowhere" --images 0 --out "$T/never"
check all_said_once test "$(grep -c '^denoscope' "$T/err")" = 1
expect usage_said_once 2 "expected a number, found 'x'" mpirun -n 2 $D "${grid[@]}" --sigmas x --out "$T/never"
expect unknown_flag 2 'nonsense' mpirun -n 2 $D "${small[@]}" --nonsense --out "$T/never"
expect help_of_ranks 0 'analyze' mpirun -n 2 $D --help
expect not_for_ranks 2 'report: is work for one process, found 2 ranks' mpirun -n 2 $D report "$T/one"
expect complete_of_ranks 1 'is complete, use --force' mpirun -n 2 $D "${small[@]}" --out "$T/two"
expect shard_of_ranks 2 'leave it out' mpirun -n 2 -x SLURM_PROCID=0 -x SLURM_NTASKS=2 $D "${small[@]}" --shard slurm --out "$T/never"
expect other_mpi 1 '4 processes were started together \(PMI_SIZE\).*sees one' env PMI_SIZE=4 PMI_RANK=1 $D "${small[@]}" --out "$T/never"
expect dry_run_of_ranks 0 '^ *20 .*x .*%' $D "${small[@]}" --dry-run --ranks 20 --out "$T/never"
expect dry_run_json 0 '"lost_share"' $D "${small[@]}" --dry-run --ranks 3 --json --out "$T/never"
expect ranks_without_dry_run 2 'ranks: goes with --dry-run' $D "${small[@]}" --ranks 3 --out "$T/never"
check nothing_left test ! -e "$T/never"
expect more_ranks_than_cells 0 '3 ranks for 2 cells: some have nothing to do' mpirun -n 3 $D "${grid[@]}" --data $gauss --sigmas 0.3,1 --images 0 --evaluation-images 0 --out "$T/few"
expect not_by_mpirun 0 'this job has 8 tasks and the program is one of them' env SLURM_NTASKS=8 $D "${small[@]}" $one --out "$T/alone"
check shards_of_ranks bash -c "for i in 0 1; do mpirun -n 2 $D ${small[*]} --shard \$i/2 --out '$T/shard'\$i || exit 1; done; $D merge '$T/shard0' '$T/shard1' --out '$T/merged'"
check merged_same same_run "$T/one" "$T/merged"

# Longer work, to be disturbed.
long=("${grid[@]}" --data $gauss --sigmas 0.1:1:log8 --evaluation-images 100 --images 0-39)
check undisturbed $D "${long[@]}" $one --out "$T/long"
cells() { ls "$1/cells" 2>/dev/null | grep -c 'npz$'; }
# Two jobs in one folder share it; neither undoes the other.
$D "${long[@]}" $one --out "$T/shared" >"$T/first.log" 2>&1 &
pid=$!
await $! has_cells "$T/shared" 20
expect second_job 0 'emergence.png' mpirun -n 2 $D "${long[@]}" --out "$T/shared"
if wait $pid; then ok first_job; else fail first_job "$(tail -n 2 "$T/first.log")"; fi
check shared_same same_run "$T/long" "$T/shared"

mpirun -n 2 $D "${long[@]}" --out "$T/stopped" >"$T/stopped.log" 2>&1 &
pid=$!
await $! has_cells "$T/stopped" 20
expect force_at_work 1 'another program is at work' $D "${long[@]}" $one --force --out "$T/stopped"
kill -INT $pid
wait $pid
check interrupted grep -qE 'interrupted with [0-9]+ of [0-9]+ cells done' "$T/stopped.log"
check interrupted_early test "$(cells "$T/stopped")" -lt 328
expect resumed_by_three 0 'emergence.png' mpirun -n 3 $D "${long[@]}" --out "$T/stopped"
check resumed_same same_run "$T/long" "$T/stopped"

# One rank dies and the launcher lets the others live: they do its work too.
mpirun --enable-recovery -n 2 $D "${long[@]}" --out "$T/survived" >"$T/survived.log" 2>&1 &
pid=$!
await $! has_cells "$T/survived" 20
for rank in $(pgrep -P $pid -x denoscope); do
  grep -qz '^OMPI_COMM_WORLD_RANK=1$' "/proc/$rank/environ" && kill -KILL "$rank"
done
wait $pid
check survivor_finishes grep -q 'emergence.png' "$T/survived.log"
check survivor_took_over test "$(grep -c ',1$' "$T/survived/timing.csv")" = 0
check survived_same same_run "$T/long" "$T/survived"

# Ranks killed at random moments of the work; the same command goes on.
kills=0
while [ $kills -lt "${KILLS:-20}" ]; do
  run=$T/killed-$kills
  while :; do
    mpirun -n 2 $D "${long[@]}" --quiet --out "$run" >"$T/killed.log" 2>&1 &
    pid=$!
    printf -v pause '%d.%03d' $((RANDOM % 3)) $((RANDOM % 1000))  # a subshell would draw its own
    sleep $pause
    ranks=($(pgrep -f -- "denoscope.*--out $run\$" | grep -v "^$pid\$"))
    if [ $kills -lt "${KILLS:-20}" ] && [ ${#ranks[@]} -ge 2 ] && kill -KILL "${ranks[RANDOM % ${#ranks[@]}]}" 2>/dev/null; then
      kills=$((kills + 1))
    fi
    wait $pid && break
    grep -q 'is complete' "$T/killed.log" && $D report "$run" >/dev/null 2>&1 && break
  done
  check "killed_same_$kills" same_run "$T/long" "$run"
  check "killed_twice_$kills" test "$(grep -v waiting "$run/timing.csv" | cut -d, -f1 | sort | uniq -d | wc -l)" = 0
  rm -rf "$run"
done

# A shared disk that fills up: nothing is lost, and with room the same command goes on.
if unshare -m true 2>/dev/null; then
  mkdir "$T/full"
  cat >"$T/full.sh" <<'SH'
folder=$1
shift
mount -t tmpfs -o size=2500k none "$folder" || exit 9
mpirun -n 2 "$@" --out "$folder/run" 2>&1 | grep -m 1 'No space left'
find "$folder" -name '*.tmp-*' | grep . && exit 3
mount -o remount,size=100m "$folder"
mpirun -n 2 "$@" --out "$folder/run" >/dev/null 2>&1 && cp -r "$folder/run" "$folder-run"
SH
  expect full_disk 0 'cannot write: No space left' unshare -m bash "$T/full.sh" "$T/full" $D "${small[@]}"
  check full_disk_same same_run "$T/one" "$T/full-run"
  # Rank 1 sees through its own layer: the files of the others, but locks of its own.
  mkdir "$T/below" "$T/above" "$T/work"
  $D "${small[@]}" --shard 0/2 --out "$T/below/run" >/dev/null 2>&1
  expect locks_not_shared 1 'locks of its file system are not shared' mpirun -n 1 $D "${small[@]}" --out "$T/below/run" : \
    -n 1 unshare -m bash -c 'mount -t overlay none -o lowerdir="$1",upperdir="$2",workdir="$3" "$1" && shift 3 && exec "$@"' _ \
    "$T/below" "$T/above" "$T/work" $D "${small[@]}" --out "$T/below/run"
  wait $not_shared
  check folder_not_shared grep -q "is not shared between machines, '.*' does not see" "$T/private.log"
else
  for name in full_disk full_disk_same locks_not_shared folder_not_shared; do echo "skip $name: no private mounts"; done
fi
echo end
