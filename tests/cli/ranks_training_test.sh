#!/usr/bin/env bash
# Training by several ranks, end to end, as mpirun starts them.
set -uo pipefail
cd "$(dirname "$0")/../.."
source tests/cli/checks.sh
command -v mpirun >/dev/null || skip_all ranks_training "no mpirun"
M="mpirun -n"

# alike NAME A B: the metrics of two trainings have the same words and, to 1e-4, the same numbers.
alike() {
  local name=$1 a=$2/metrics.jsonl b=$3/metrics.jsonl
  words() { grep -oE '"[a-z_]+"|true|false|-?[0-9][0-9.e+-]*' "$1"; }
  paste <(words "$a") <(words "$b") >"$T/words"
  if [ ! -s "$T/words" ]; then
    fail "$name" "no metrics"
  elif awk '$1 != $2 { d = $1 - $2; if (d < 0) d = -d; m = $1 < 0 ? -$1 : $1
            if ($1 !~ /^-?[0-9]/ || d > 1e-4 * m) { print NR ": " $1 " is not " $2; bad = 1 } }
            END { exit bad }' "$T/words" >"$T/differences"; then
    ok "$name"
  else
    fail "$name" "$(head -n 3 "$T/differences" | tr '\n' ' ')"
  fi
}

# stopped HOW FOLDER COMMAND...: stops the command once it has recorded one more validation. HOW is a
# signal to the command itself, "all" of its ranks asked to end, or "one" of them killed.
stopped() {
  local how=$1 metrics=$2/metrics.jsonl checkpoint=$2/checkpoint.safetensors before=0 pid
  shift 2
  [ -e "$metrics" ] && before=$(wc -l <"$metrics")
  "$@" >"$T/out" 2>"$T/err" &
  pid=$!
  await $pid has_lines "$metrics" $((before + 1))
  await $pid test -e "$checkpoint"
  case $how in
  all) kill -TERM $(ps -o pid= --ppid $pid) ;;
  one) kill -KILL $(ps -o pid= --ppid $pid | tail -n 1) ;;
  *) kill "-$how" $pid ;;
  esac
  wait $pid
}

data=(--data gaussian:size=8,train=60,test=40 --batch 15 --validation-images 20 --validate-every 20 --threads 1)
short=("${data[@]}" --features 8,16 --steps 120)
# So long that it can be stopped, and so short that rounding has not grown: after some 200 steps it
# does, as between numbers of threads.
long=("${data[@]}" --features 32,64 --steps 160)
endless=("${data[@]}" --features 32,64 --steps 100000)

expect one_rank 0 'denoiser of' $D train "${short[@]}" --out "$T/one"
expect two_ranks 0 '2 ranks of' $M 2 $D train "${short[@]}" --out "$T/two"
alike two_ranks_learn_what_one_does "$T/one" "$T/two"
check two_ranks_leave_no_checkpoint test ! -e "$T/two/checkpoint.safetensors"
expect three_ranks 0 '3 ranks of' $M 3 $D train "${short[@]}" --out "$T/three"
alike three_ranks_learn_what_one_does "$T/one" "$T/three"

blind=("${data[@]}" --features 8,16 --arch blind-batchnorm --flips --steps 60)
expect one_rank_batchnorm 0 'denoiser of' $D train "${blind[@]}" --out "$T/blind1"
expect two_ranks_batchnorm 0 'denoiser of' $M 2 $D train "${blind[@]}" --out "$T/blind2"
alike batchnorm_is_of_the_whole_batch "$T/blind1" "$T/blind2"

# From one rank to two and back.
expect long 0 'denoiser of' $D train "${long[@]}" --out "$T/long"
expect long_of_two 0 'denoiser of' $M 2 $D train "${long[@]}" --out "$T/long2"
out=$T/elastic
stopped INT "$out" $D train "${long[@]}" --out "$out"
check elastic_begun_by_one test -e "$out/checkpoint.safetensors"
stopped all "$out" $M 2 $D train "${long[@]}" --out "$out"
code=$?
if [ $code -eq 130 ] && grep -q 'interrupted at step' "$T/err"; then
  ok two_ranks_interrupted
else
  fail two_ranks_interrupted "exit code $code, expected 130: $(head -n 3 "$T/err" | tr '\n' ' ')"
fi
check two_ranks_interrupted_say_it_once test "$(grep -c 'interrupted at step' "$T/err")" = 1
expect elastic_ended_by_one 0 'denoiser of' $D train "${long[@]}" --out "$out"
alike elastic_is_the_same "$T/long" "$out"

# One rank is killed: the job ends, and resumes to the same weights as if nothing had been.
out=$T/killed
stopped one "$out" $M 2 $D train "${long[@]}" --out "$out" 2>/dev/null
check killed_leaves_a_checkpoint test -e "$out/checkpoint.safetensors"
check killed_leaves_no_model test ! -e "$out/model.json"
expect killed_resumes 0 'denoiser of' $M 2 $D train "${long[@]}" --out "$out"
check killed_same_weights cmp "$T/long2/weights.safetensors" "$out/weights.safetensors"
check killed_same_metrics cmp "$T/long2/metrics.jsonl" "$out/metrics.jsonl"

# Control-C at mpirun, which asks the ranks a second later and kills them another second later.
out=$T/stopped
stopped INT "$out" $M 2 $D train "${endless[@]}" --out "$out"
check mpirun_stopped_leaves_a_checkpoint test -e "$out/checkpoint.safetensors"
lines=$(wc -l <"$out/metrics.jsonl")
stopped all "$out" $M 2 $D train "${endless[@]}" --out "$out"
check mpirun_stopped_resumes test "$(wc -l <"$out/metrics.jsonl")" -gt "$lines"

# What is wrong is said once.
once() { test "$(grep -c '^denoscope: ' "$T/err")" = 1 && ok "$1_once" || fail "$1_once" "$(cat "$T/err")"; }
expect again 1 'already trained, use --force' $M 2 $D train "${short[@]}" --out "$T/two"
once again
expect small_batch 1 'batch of 1 images over 2 ranks' \
  $M 2 $D train --data gaussian:size=8,train=60 --batch 1 --validation-images 20 --out "$T/never"
once small_batch
expect disagreement 1 'rank 1 of 2: has learning_rate=0.5, rank 0 learning_rate=0.0015' \
  $M 1 $D train "${short[@]}" --out "$T/never" : -n 1 $D train "${short[@]}" --learning-rate 0.5 --out "$T/never"
once disagreement
expect data_of_one_rank 1 "rank 1 of 2: data set 'nowhere'" \
  $M 1 $D train "${short[@]}" --out "$T/never" : -n 1 $D train --data nowhere --out "$T/never"
once data_of_one_rank
check refused_leaves_nothing test ! -e "$T/never"
mkdir "$T/elsewhere"
expect not_shared 1 "elsewhere' is not shared: rank 1 of 2 .*finds no checkpoint, rank 0 one" \
  $M 1 $D train "${endless[@]}" --out "$out" : -n 1 $D train "${endless[@]}" --out "$T/elsewhere"
once not_shared

echo end
