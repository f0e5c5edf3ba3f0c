#!/usr/bin/env bash
# The program end to end, as a user runs it: results, files, messages and exit codes.
set -uo pipefail
cd "$(dirname "$0")/../.."
source tests/cli/checks.sh
model=models/fashion-unet
# Images of its size, drawn in a moment, where a test does not look at what they show: the reference
# of the 60,000 of fashion-mnist takes seconds.
drawn=gaussian:size=28,train=400,test=250
python() { "$PYTHON" - "$@"; }

# Usage.
expect version 0 'OpenBLAS.*OPENMP' $D --version
expect help 0 'analyze' $D --help
expect no_command 2 '' $D
expect unknown_flag 2 '' $D analyze --nonsense
expect bad_sigma_text 2 "expected a number, found 'x'" $D analyze --model $model --sigmas 0.1,x --out "$T/never"
expect zero_sigma 2 'sigma must be a positive number' $D analyze --model $model --sigmas 0 --out "$T/never"
expect nan_sigma 2 'sigma must be a positive number' $D analyze --model $model --sigmas nan --out "$T/never"
expect bad_shard 2 '0 <= i < N' $D analyze --model $model --shard 3/2 --out "$T/never"
expect image_outside 1 'image 10000 does not exist' $D analyze --model $model --images 10000 --out "$T/never"
expect data_unknown 1 'unknown, expected one of' $D evaluate --model $model --data nothing
expect data_not_installed 1 'not installed.*DENOSCOPE_DATA' env DENOSCOPE_DATA="$T" $D train --data mnist --out "$T/never"
check nothing_left test ! -e "$T/never"
expect dry_run 0 '2 cells.*|d = 784: 2 cells' $D analyze --model $model --images 0 --sigmas 0.1,25/255 --dry-run --out "$T/never"

# Sampling.
paths=(--model $model --samples 3 --levels 6 --jacobian 2 --jacobian-samples 1)
expect sample 0 '3 paths by euler, sigma 13.3 to 0.02, 6 levels' $D sample "${paths[@]}" --out "$T/sample"
expect sample_complete 1 'is complete, use --force' $D sample "${paths[@]}" --out "$T/sample"
expect sample_report 0 'only 3 whole paths: no interval' $D report "$T/sample"
expect sample_other_options 1 'was made with options.sampler = "euler", now "heun"' $D sample "${paths[@]}" --sampler heun --out "$T/sample"
expect sample_fixed 0 'leading eigenvalue of sym' $D sample --model $model --data $drawn --sampler repeated --fixed-sigma 0.5 --samples 2 --levels 4 --out "$T/fixed"
expect sample_noise_start 0 'are not noisy data' $D sample --model $model --data $drawn --start noise --samples 2 --levels 3 --out "$T/noise"
expect sample_outside 0 'outside' $D sample --model $model --data $drawn --largest 80 --samples 2 --levels 3 --out "$T/outside"
expect sample_unknown 2 '' $D sample --model $model --sampler ddpm --out "$T/never"
expect sample_fixed_euler 1 "fixed sigma goes with the sampler 'repeated'" $D sample --model $model --fixed-sigma 1 --out "$T/never"
expect sample_blind_jacobian 1 'Jacobians are taken at the noise levels of a schedule' $D sample --model $model --sampler blind --jacobian 2 --out "$T/never"
check sample_nothing_left test ! -e "$T/never"

# The main job, small: interrupted and resumed, sharded and merged, against one run at a stretch.
small=(--model $model --images 0,3 --sigmas 0.05:2:log3 --evaluation-images 200 --modes 50)
expect analyze 0 'eigenvectors.png' $D analyze "${small[@]}" --out "$T/whole"
expect finished_again 1 'is complete, use --force' $D analyze "${small[@]}" --out "$T/whole"
expect other_options 1 'was made with seed = 0, now 1' $D analyze "${small[@]}" --seed 1 --out "$T/whole"
mkdir "$T/foreign" && echo precious >"$T/foreign/file"
expect foreign_folder 1 'exists and is not a run' $D analyze "${small[@]}" --force --out "$T/foreign"
check foreign_untouched grep -q precious "$T/foreign/file"

$D analyze "${small[@]}" --out "$T/resumed" >"$T/out" 2>"$T/err" &
pid=$!
await $pid has_cells "$T/resumed" 1 img
kill -INT $pid
wait $pid
code=$?
if [ $code -eq 130 ]; then ok interrupted; else fail interrupted "exit code $code, expected 130"; fi
expect report_unfinished 1 'is not complete.*what there is: .*report.html' $D report "$T/resumed"
cp -r "$T/resumed" "$T/no-kind" && sed -i '/^  "kind"/d' "$T/no-kind/run.json"
expect report_without_kind 1 "field 'kind'.*what there is: .*report.html" $D report "$T/no-kind"
expect resume 0 'eigenvectors.png' $D analyze "${small[@]}" --out "$T/resumed"
for shard in 0 1; do
  expect shard_$shard 0 'denoscope merge' $D analyze "${small[@]}" --shard $shard/2 --out "$T/shard-$shard"
done
expect merge_incomplete 1 'is missing' $D merge "$T/shard-0" --out "$T/half"
expect merge 0 'eigenvectors.png' $D merge "$T/shard-0" "$T/shard-1" --out "$T/merged"
for other in resumed merged; do
  check ${other}_same_cells diff -r "$T/whole/cells" "$T/$other/cells"
  for table in summary.csv emergence.csv statistics.csv modes.npz reference.npz; do
    check ${other}_same_$table cmp "$T/whole/$table" "$T/$other/$table"
  done
  check ${other}_same_figures diff -rq -x '*.gp' "$T/whole/figures" "$T/$other/figures"
done
check no_temporaries test -z "$(find "$T/whole" "$T/resumed" -name '*.tmp-*')"
expect report 0 'emergence.png' $D report "$T/whole"
check report_page grep -q 'Content-Security-Policy' "$T/whole/report.html"
cp -r "$T/whole" "$T/narrow"
expect report_narrow 0 'emergence.png' $D report "$T/narrow" --figure-width 85mm
check report_narrow_svg grep -q 'width="85mm"' "$T/narrow/figures/emergence.svg"
expect report_wide_again 0 'emergence.png' $D report "$T/narrow"
check report_screen_again diff -r "$T/whole/figures" "$T/narrow/figures"
expect report_no_unit 2 "figure width '85': expected a number with its unit" $D report "$T/whole" --figure-width 85
expect report_too_narrow 2 'expected 75 mm to 400 mm, found 10 mm' $D report "$T/whole" --figure-width 1cm

# One cell.
cell=$(find "$T/whole/cells" -name 'img-00003*' | sort | head -n 1)
expect show 0 'image 3, sigma 0.05, draw 0: 1 x 28 x 28, d = 784' $D show "$cell"
expect show_json 0 '"wiener"' $D show "$cell" --json
expect show_no_cell 1 "reference.npz': has no array 'image'" $D show "$T/whole/reference.npz"
expect show_missing 1 "none.npz" $D show "$T/none.npz"

# Runs side by side.
expect compare 0 'control.png' $D compare "$T/whole" "$T/merged" --out "$T/compared"
check compare_label grep -q 'fashion-unet on fashion-mnist (merged)' "$T/compared/halves.csv"
expect compare_again 1 'is complete, use --force' $D compare "$T/whole" "$T/merged" --out "$T/compared"
expect compare_force 0 '"findings": "2 runs side by side' $D compare "$T/merged" "$T/whole" --out "$T/compared" --force --json
expect compare_report 0 'errors.png' $D report "$T/compared"
expect compare_one 2 'two or more runs, found 1' $D compare "$T/whole" --out "$T/never"
expect compare_twice 1 'is given twice' $D compare "$T/whole" "$T/whole/." --out "$T/never"
expect compare_shard 1 "is not complete but 'shard complete'" $D compare "$T/whole" "$T/shard-0" --out "$T/never"
expect compare_no_run 1 'has no run.json' $D compare "$T/whole" "$T/foreign" --out "$T/never"
expect compare_comparison 1 'is of kind compare' $D compare "$T/whole" "$T/compared" --out "$T/never"
expect compare_into_run 1 'is a run of kind "analyze"' $D compare "$T/whole" "$T/merged" --out "$T/whole" --force

# Data sets.
gauss=gaussian:size=8,train=60,test=40
expect data_list 0 '^gaussian  *10000 \+ 2000 of 1x32x32 .*exponent=2' $D data list
expect data_list_json 0 '"name": "photos"' $D data list --json
expect data_show 0 '40 of 60 images \(1,8,8\) of gaussian:size=8' $D data show $gauss --out "$T/sheet.png"
check data_sheet_is_a_png grep -q PNG "$T/sheet.png"
expect data_show_outside 1 'image 60 does not exist' $D data show $gauss --images 60 --out "$T/never"
expect data_bad_option 1 "option 'sise': unknown, 'discs' takes size, train" $D data show discs:sise=3 --out "$T/never"
expect data_no_command 2 '' $D data
expect data_not_prepared 1 'not prepared; run .denoscope data prepare photos' env XDG_CACHE_HOME="$T/none" $D data show photos --out "$T/never"
expect data_evaluate 0 'Wiener MSE' $D evaluate --model linear:wiener --data $gauss --sigmas 0.1
expect evaluate_not_finite 1 "^denoscope: .*output is not finite for an input in" $D evaluate --model $model --data gaussian:size=28,train=60,test=40 --sigmas 1e39 --evaluation-images 8
expect evaluate_others 0 'exact MSE.*empirical MSE.*train MSE' $D evaluate --model linear:wiener --data $gauss --sigmas 0.1,1 --empirical --train
expect evaluate_calibration 0 'calibration .*\|J - W' $D evaluate --model linear:wiener --data $gauss --sigmas 0.3 --calibration --per-mode "$T/modes.csv"
check evaluate_calibration_by_mode grep -q 'gain,gain_error,gain_wiener,calibration,calibration_error$' "$T/modes.csv"
expect data_evaluate_reversed 0 'Wiener MSE' $D evaluate --model linear:wiener --data $gauss:reversed --sigmas 0.1
expect data_linear_pca 0 'pca' $D linear pca --data $gauss --n 30 --modes 4 --sigmas 0.1 --draws 2 --out "$T/pca-data"
check data_identity grep -q '"name": "gaussian:size=8,train=60,test=40"' "$T/pca-data/run.json"
mkdir "$T/pictures"
for i in 1 2 3; do cp "$T/sheet.png" "$T/pictures/$i.png"; done
echo 'no picture' >"$T/pictures/4.png"
folder=$T/pictures:size=16,gray
expect data_prepare 0 ': [0-9]+ \+ [0-9]+ of 1x16x16' env XDG_CACHE_HOME="$T/cache" $D data prepare "$folder"
expect data_skipped 0 '1 skipped, first: picture .*4.png' env XDG_CACHE_HOME="$T/cache" $D data prepare "$folder"
expect data_strict 1 "4.png': not an image" env XDG_CACHE_HOME="$T/cache" $D data prepare "$folder,strict"
check data_one_cache test "$(ls "$T/cache/denoscope/sets" | wc -l)" = 1
cached=$(echo "$T"/cache/denoscope/sets/*)
expect data_arrays 0 'images \(1,16,16\)' $D data show "$cached" --out "$T/sheet2.png"
check data_nothing_left test ! -e "$T/never"

# Files, as NumPy reads them.
cat >"$T/y.py" <<'PY'
import numpy, sys
numpy.save(sys.argv[1], numpy.load(sys.argv[2])["noisy"][:, : int(sys.argv[3]), :])
PY
cell="$T/whole/cells/img-00003_sig-0.050000_draw-00.npz"
if [ -n "$PYTHON" ]; then
  check numpy_reads_cells python "$cell" <<'PY'
import numpy as np, sys
c = np.load(sys.argv[1])
v = c["eigenvectors"].reshape(32, -1)
assert c["clean"].shape == (1, 28, 28) and c["eigenvalues"].shape == (784,)
assert np.allclose(v @ v.T, np.eye(32), atol=1e-4)
assert np.allclose(c["eigenvalues"].sum(), c["trace"], rtol=1e-4)
assert np.allclose(c["linear_pca_gain"], 1 / (1 + 0.05**2 / np.load(sys.argv[1].rsplit("/", 2)[0] + "/reference.npz")["lambda"][:50]), atol=1e-4)
PY
  "$PYTHON" "$T/y.py" "$T/y.npy" "$cell" 28
  "$PYTHON" "$T/y.py" "$T/cut.npy" "$cell" 26
  expect jacobian 0 'trace' $D jacobian --model $model --input "$T/y.npy" --sigma 0.05 --out "$T/J.npy"
  check jacobian_is_the_cells python "$T/J.npy" "$cell" <<'PY'
import numpy as np, sys
J, c = np.load(sys.argv[1]), np.load(sys.argv[2])
assert J.shape == (784, 784) and J.dtype == np.float32
assert np.allclose(np.trace(J), c["trace"], rtol=1e-4)
assert np.allclose(np.linalg.eigvalsh((J + J.T) / 2)[::-1], c["eigenvalues"], atol=1e-4)
PY
  expect jacobian_exists 1 'exists, use --force' $D jacobian --model $model --input "$T/y.npy" --sigma 0.05 --out "$T/J.npy"
  expect jacobian_json 0 '"asymmetry"' $D jacobian --json --force --model $model --input "$T/y.npy" --sigma-scale 255 --sigma 25 --out "$T/J.npy"
  cp "$T/out" "$T/out.json"
  check jacobian_json_alone python "$T/out.json" <<'PY'
import json, sys
json.load(open(sys.argv[1]))
PY
  expect wiener_jacobian 0 'asymmetry 0.0000' $D jacobian --model linear:wiener --input "$T/y.npy" --sigma 0.3 --out "$T/W.npy"
  expect projection_jacobian 0 'trace 16.0000, asymmetry 0.0000' $D jacobian --model linear:projection:16 --data $drawn --input "$T/y.npy" --sigma 0.3 --out "$T/P.npy"
  expect empirical_jacobian 0 'asymmetry 0.0000' $D jacobian --model linear:empirical:100 --input "$T/y.npy" --sigma 0.3 --out "$T/E.npy"
  expect leading 0 'converged: 8 of 8' $D jacobian --model $model --input "$T/y.npy" --sigma 0.05 --top 8 --out "$T/top.npz"
  check leading_are_the_cells python "$T/top.npz" "$cell" <<'PY'
import numpy as np, sys
top, c = np.load(sys.argv[1]), np.load(sys.argv[2])
assert np.allclose(top["eigenvalues"], c["eigenvalues"][:8], atol=3e-4), top["eigenvalues"] - c["eigenvalues"][:8]
assert np.allclose(top["singular_values"], c["singular_values"][:8], atol=3e-4)
assert top["eigenvectors"].shape == (8, 1, 28, 28)
PY
  expect top_and_engine 2 'goes with --engine krylov' $D jacobian --model $model --input "$T/y.npy" --sigma 0.05 --top 8 --engine dense --out "$T/K.npz"
  expect not_local 0 'engine dense: colouring takes 2601 products for d = 784' $D jacobian --model $model --input "$T/y.npy" --sigma 0.05 --out "$T/K2.npy"
  rm -f "$T/K2.npy"
  expect sigma_zero 2 '^denoscope: --sigma: sigma must be' $D jacobian --model $model --input "$T/y.npy" --sigma 0 --out "$T/K.npy"
  expect impossible_size 1 'multiples of 4, found 26 x 28' $D jacobian --model $model --input "$T/cut.npy" --sigma 0.05 --out "$T/K.npy"
  expect full_disk 1 "K.npy': cannot make room for 2.5 MB" bash -c "ulimit -f 64; exec $D jacobian --model $model --input '$T/y.npy' --sigma 0.05 --out '$T/K.npy'"
  check nothing_half_written test -z "$(ls "$T" | grep '^K')"
  expect plan 0 'd = 784: 784 vectors through the network, .* MB of memory, 2.5 MB of output' $D jacobian --model $model --input "$T/y.npy" --sigma 0.05 --out "$T/K.npy" --dry-run
  expect plan_leading 0 '"engine": "krylov"' $D jacobian --json --model $model --input "$T/y.npy" --sigma 0.05 --engine krylov --out "$T/K.npy" --dry-run
  check plan_writes_nothing test -z "$(ls "$T" | grep '^K')"
  expect probes 0 'trace .* \(Hutchinson\)' $D jacobian --model $model --input "$T/y.npy" --sigma 0.05 --top 4 --probes 64 --out "$T/probes.npz"
  check probes_are_the_cells python "$T/probes.npz" "$cell" <<'PY'
import numpy as np, sys
p, c = np.load(sys.argv[1]), np.load(sys.argv[2])
for name in ("trace", "trace_hutchpp"):
    value, error = p[name]
    assert 0 < error < 20 and abs(value - c["trace"]) < 4 * error, (name, value, error, c["trace"])
assert p["diagonal"].shape == (1, 28, 28) and abs(p["diagonal"].sum() - c["trace"]) < 4 * p["trace"][1]
grid, density = p["density_grid"], p["density"]
assert abs(np.trapz(density, grid) - 1) < 0.02
assert abs(np.trapz(density * grid, grid) * 784 - c["trace"]) < 0.1 * c["trace"] + 4 * p["trace"][1]
PY
  slow=(--model $model --input "$T/y.npy" --sigma 0.05 --dtype float64 --block 1)
  expect jacobian64 0 'float64' $D jacobian "${slow[@]}" --out "$T/J64.npy"
  $D jacobian "${slow[@]}" --out "$T/stopped.npy" >"$T/out" 2>"$T/err" &
  pid=$!
  await $pid test -e "$T/stopped.npy.partial-pieces"
  kill -INT $pid 2>/dev/null
  wait $pid
  code=$?
  if [ $code -eq 130 ]; then
    ok jacobian_interrupted
    expect jacobian_other_job 1 'another unfinished job' $D jacobian "${slow[@]}" --sigma-scale 2 --out "$T/stopped.npy"
  else
    fail jacobian_interrupted "exit code $code, expected 130"
  fi
  expect jacobian_resumed 0 'float64' $D jacobian "${slow[@]}" --out "$T/stopped.npy"
  check jacobian_same_bytes cmp "$T/J64.npy" "$T/stopped.npy"
else
  echo "skip numpy: no python3 with numpy"
fi

# Broken models.
broken() { rm -rf "$T/broken"; cp -r $model "$T/broken"; }
broken && truncate -s 1000 "$T/broken/weights.safetensors"
expect truncated_weights 1 "weights.safetensors'" $D evaluate --model "$T/broken"
broken && rm "$T/broken/weights.safetensors"
expect missing_weights 1 "weights.safetensors'.*No such file" $D evaluate --model "$T/broken"
broken && sed -i 's/^ *32,$/      16,/' "$T/broken/model.json"
expect misshaped_weights 1 "tensor 'head.weight' has shape \[32,2,3,3\], expected \[16,2,3,3\]" $D evaluate --model "$T/broken"
expect no_model 1 'no such folder' $D evaluate --model "$T/nowhere"

# Other people's files: a checkpoint made by Python, in and out.
expect no_such_file 1 'no such folder' $D inspect --model "$T/nothing.pt"
expect inspect_folder 0 'homogeneous +not by construction' $D inspect --model $model
expect self_test 0 'SURE +passed' $D inspect --model $model --self-test
expect inspect_linear 0 'fitted to +200 images' $D inspect --model linear:empirical:200
expect self_test_linear 0 'SURE +passed' $D inspect --model linear:shrunk:1000 --self-test
expect inspect_wiener 0 'fitted to +300 images' $D inspect --model linear:wiener:300
expect linear_unknown 2 "^denoscope: --model: 'linear:mean' is unknown, expected linear:wiener\[:N\], linear:projection:R" $D inspect --model linear:mean
expect linear_rank 2 "^denoscope: --model: 'linear:projection' needs its rank" $D evaluate --model linear:projection
expect convert_linear 2 'expected a network' $D convert --model linear:shrunk --to folder --out "$T/linear"
expect arch_of_folder 2 'for a file' $D inspect --model $model --arch lcv-unet
expect prediction_of_folder 2 'for a file' $D inspect --model $model --prediction eps
expect outside_training 0 "trained on sigma 0.02 to .*, found outside: 0.01, 20" $D evaluate --model $model --data $drawn --sigmas 0.01,1,20 --evaluation-images 50 --quiet
expect value_range 2 "expected low:high, as in -1:1, found '1'" $D inspect --model models/fashion-unet/weights.safetensors --arch lcv-unet --value-range 1
expect schedule_unknown 1 "'sigmoid': expected linear, cosine or a file" $D inspect --model models/fashion-unet/weights.safetensors --schedule sigmoid
expect inspect_errors 0 'model MSE' $D inspect --model $model --data $drawn --sigmas 25/255 --evaluation-images 20
echo "not weights at all" >"$T/text.pt"
expect text_file 1 "text.pt'.*expected safetensors, a pytorch checkpoint or a tza file" $D inspect --model "$T/text.pt"
for to in torchscript safetensors folder; do
  expect to_$to 0 "as $to" $D convert --model $model --to $to --out "$T/converted.$to"
  expect from_$to 0 'trace' $D jacobian --model "$T/converted.$to" --input "$T/y.npy" --sigma 0.05 --out "$T/J.$to.npy"
done
expect verdict 0 'pass     reading: none of .* usual readings' $D inspect --model $model --verdict --data fashion-mnist --sigmas 0.1,0.5 --evaluation-images 100
expect verdict_of_an_optimum 0 'in doubt, 0 failed' $D inspect --model models/gaussian-unet --verdict --data gaussian:size=28 --sigmas 0.3 --evaluation-images 200
expect verdict_misread 0 'fail     reading: it is read as residual.*read as x0' $D inspect --model "$T/converted.torchscript" --prediction residual --verdict --data fashion-mnist --sigmas 0.1,0.5 --evaluation-images 100
expect convert_exists 1 'exists, use --force' $D convert --model $model --to folder --out "$T/converted.folder"
expect convert_foreign 1 'not a model, nothing was changed' $D convert --model $model --to folder --force --out "$T/foreign"
check same_weights cmp "$T/converted.folder/weights.safetensors" $model/weights.safetensors
expect folder_is_a_model 0 'Wiener MSE' $D evaluate --model "$T/converted.folder" --evaluation-images 20
if [ -n "$PYTHON" ]; then
  check converted_same_jacobian python "$T" <<'PY'
import numpy as np, sys
J = [np.load(f"{sys.argv[1]}/J.{to}.npy") for to in ("torchscript", "safetensors", "folder")]
assert (J[1] == J[2]).all() and abs(J[0] - J[1]).max() < 1e-5 * abs(J[1]).max()
PY
fi
if [ -n "$PYTHON" ] && "$PYTHON" -c 'import torch' 2>/dev/null; then
  python "$T" $model/weights.safetensors <<'PY'
import json, os, struct, sys, torch
folder, weights = sys.argv[1:]
class Evil:
    def __reduce__(self):
        return os.system, (f"touch {folder}/executed",)
torch.manual_seed(0)
shapes = [(32, 1, 5), (32, 32, 3), (64, 32, 3), (64, 64, 3), (64, 64, 3), (64, 64, 3), (64, 64, 4), (32, 96, 3), (1, 32, 5)]
state = {f"module.conv{i + 1}.weight": torch.randn(a, b, k, k) / (b * k * k) ** 0.5 for i, (a, b, k) in enumerate(shapes)}
torch.save({"epoch": 3, "ema": state, "model": [{k: 2 * v for k, v in state.items()}]}, f"{folder}/good.pt")
torch.save({"state_dict": {**state, "module.conv9.weight": torch.zeros(2, 32, 5, 5), "module.more": torch.zeros(2)}}, f"{folder}/misfit.pt")
torch.save({**state, "extra": Evil()}, f"{folder}/evil.pt")
y = torch.rand(1, 1, 28, 28)
torch.jit.trace(lambda y: y.detach() * 0.5, y).save(f"{folder}/detached.pt")
torch.jit.trace(lambda y: (y * 0).sqrt(), y).save(f"{folder}/root.pt")
PY
  expect no_derivative 1 "'detached': the output does not depend on the image by operations that have a derivative" $D jacobian --model "$T/detached.pt" --input "$T/y.npy" --sigma 0.1 --out "$T/L.npy"
  expect inspect_no_derivative 1 "'detached': its output has no derivative" $D inspect --model "$T/detached.pt" --self-test
  expect not_finite 1 'd output pixel .* is .*(nan|inf) at sigma 0.1' $D jacobian --model "$T/root.pt" --input "$T/y.npy" --sigma 0.1 --out "$T/L.npy"
  check nothing_left_of_failures test -z "$(ls "$T" | grep '^L')"
  expect checkpoint 0 "weights found at 'model.0'" $D inspect --model "$T/good.pt"
  expect checkpoint_key 0 "weights found at 'ema'" $D inspect --model "$T/good.pt" --weights-key ema
  expect checkpoint_no_key 1 "good.pt'.*ema" $D inspect --model "$T/good.pt" --weights-key emma
  expect misfit 1 "misfit.pt'.*'conv9.weight' has shape \[2,32,5,5\], expected \[1,32,5,5\].*'more' \[2\] is not in the network" $D inspect --model "$T/misfit.pt" --arch lcv-unet
  expect hostile_checkpoint 1 "evil.pt.*global '(posix|os).system' is called, which is not allowed" $D inspect --model "$T/evil.pt"
  check hostile_not_executed test ! -e "$T/executed"
  truncate -s -1000 "$T/good.pt"
  expect truncated_checkpoint 1 "good.pt'" $D inspect --model "$T/good.pt"
else
  echo "skip checkpoints: no python3 with torch"
fi

# One photo: no training split, so no linear comparison, and said so.
photo=("--data" "$T/photo.png" --sigmas 20,50 --sigma-scale 255)
cp docs/images/emergence.png "$T/photo.png"
expect crop_outside 1 "photo.png': expected a crop inside" $D analyze --model $model "${photo[@]}" --images 0 --crop 9000x16 --out "$T/crop"
expect too_large 1 'analyze: needs .* GB of memory, .* available \(whole spectra of d = 160000\)' $D analyze --model $model "${photo[@]}" --images 0 --crop 400x400 --out "$T/crop"
expect crop_text 2 'expected HxW' $D analyze --model $model "${photo[@]}" --images 0 --crop 16 --out "$T/crop"
expect crop_of_a_set 2 'for a photo' $D evaluate --model $model --crop 16x16
expect train_of_a_photo 1 '^denoscope: --train: needs the training split: .* is one photo' $D evaluate --model $model --data "$T/photo.png" --sigmas 0.1 --crop 16x16 --train
expect photo 0 'eigenvectors.png' $D analyze --model $model "${photo[@]}" --images 0 --crop 16x20@40,60 --out "$T/crop"
expect compare_photo 1 'has no training set' $D compare "$T/whole" "$T/crop" --out "$T/never"
expect verdict_of_a_few 0 'fail     generalises: .*it memorises' $D inspect --model linear:empirical:50 --verdict --data fashion-mnist --sigmas 0.3 --evaluation-images 100
expect verdict_no_levels 2 "expected noise levels, found 'auto'" $D inspect --model $model --verdict --data fashion-mnist --sigmas auto
expect photo_verdict 2 'expected a set of images, found one photo' $D inspect --model $model --verdict --data "$T/photo.png"
check photo_without_comparison grep -q 'one photo, without a training split' "$T/crop/run.json"

# Training: interrupted and resumed gives the same weights.
tiny=(--arch conditioned --features 8,16 --steps 300 --batch 16 --validation-images 50 --validate-every 60)
expect train 0 'denoiser of' $D train "${tiny[@]}" --out "$T/model"
$D train "${tiny[@]}" --out "$T/model2" >"$T/out" 2>"$T/err" &
pid=$!
await $pid test -e "$T/model2/metrics.jsonl"
kill -INT $pid 2>/dev/null
wait $pid
code=$?
if [ $code -eq 130 ]; then
  ok train_interrupted
  expect train_other_options 1 'made with learning_rate = 0.0015, now 0.5' $D train "${tiny[@]}" --learning-rate 0.5 --out "$T/model2"
  expect train_resumed 0 'denoiser of' $D train "${tiny[@]}" --out "$T/model2"
else
  fail train_interrupted "exit code $code, expected 130"
fi
check train_same_weights cmp "$T/model/weights.safetensors" "$T/model2/weights.safetensors"
check train_same_metrics cmp "$T/model/metrics.jsonl" "$T/model2/metrics.jsonl"
expect train_again 1 'already trained, use --force' $D train "${tiny[@]}" --out "$T/model"
expect evaluate_trained 0 'Wiener MSE' $D evaluate --model "$T/model" --evaluation-images 100

# Killed without warning at random moments, training goes on each time and ends in the same weights.
kill=(--data gaussian:size=8,train=400 --features 8,16 --batch 16 --validation-images 20 --validate-every 20)
kills=0
while [ $kills -lt 20 ] && [ ! -e "$T/killed/model.json" ]; do
  $D train "${kill[@]}" --steps 3000 --out "$T/killed" >"$T/out" 2>"$T/err" &
  pid=$!
  sleep 0.$((RANDOM % 60 + 30))
  kill -KILL $pid 2>/dev/null && kills=$((kills + 1))
  wait $pid 2>/dev/null
done
if [ $kills -ge 3 ]; then ok train_killed; else fail train_killed "only $kills kills before it was done"; fi
[ -e "$T/killed/model.json" ] || expect train_after_kills 0 'denoiser of' $D train "${kill[@]}" --steps 3000 --out "$T/killed"
expect train_unkilled 0 'denoiser of' $D train "${kill[@]}" --steps 3000 --out "$T/unkilled"
check train_killed_same_weights cmp "$T/killed/weights.safetensors" "$T/unkilled/weights.safetensors"
# A disk that takes no more: the error names the file, the checkpoint before it stays and serves.
$D train "${kill[@]}" --steps 3000 --out "$T/full" >"$T/out" 2>"$T/err" &
pid=$!
await $pid test -e "$T/full/checkpoint.safetensors"
kill -KILL $pid
wait $pid 2>/dev/null
cp "$T/full/checkpoint.safetensors" "$T/kept"
no_room() { (trap '' XFSZ; ulimit -f 64; exec "$@"); }
expect train_full_disk 1 "checkpoint.safetensors': cannot write: File too large" no_room $D train "${kill[@]}" --steps 3000 --out "$T/full"
check train_full_disk_keeps_checkpoint cmp "$T/kept" "$T/full/checkpoint.safetensors"
check train_full_disk_leaves_nothing test -z "$(find "$T/full" -name '*.tmp-*')"
expect train_after_full_disk 0 'denoiser of' $D train "${kill[@]}" --steps 3000 --out "$T/full"
check train_after_full_disk_same_weights cmp "$T/full/weights.safetensors" "$T/unkilled/weights.safetensors"
check train_figure test -s "$T/unkilled/figures/training.png"
expect train_fresh 0 'each drawn anew' $D train "${kill[@]}" --steps 20 --fresh --out "$T/fresh"
expect train_not_fresh 1 'fashion-mnist' $D train --data fashion-mnist --fresh --out "$T/never"
expect train_bad_noise 2 'noise' $D train --noise normal --out "$T/never"

# Linear theory.
spiked=(--d 16,24 --ratio 0.5,2 --strength 1,2,4 --sigmas 0.3,1 --modes 4 --trials 12)
expect linear_alone 2 '' $D linear
expect spiked 0 'learned_error.png' $D linear spiked "${spiked[@]}" --out "$T/spiked"
expect spiked_again 1 'is complete, use --force' $D linear spiked "${spiked[@]}" --out "$T/spiked"
expect spiked_report 0 'Marchenko-Pastur at d = 24' $D report "$T/spiked"
expect spiked_same 0 'mixed' $D linear spiked "${spiked[@]}" --out "$T/spiked2"
check spiked_same_bytes diff -rq -x timing.csv -x run.json -x report.html "$T/spiked" "$T/spiked2"
expect spiked_merge 1 'is of kind "spiked", expected shards of analyze' $D merge "$T/spiked" --out "$T/never"
expect spiked_rank 2 'rank of the spectrum is 8, expected at most 7' $D linear spiked "${spiked[@]}" --spectrum 8,7,6,5,4,3,2,1 --out "$T/never"
expect spiked_negative 2 'variance of the spectrum is -1' $D linear spiked "${spiked[@]}" --spectrum 3,-1 --out "$T/never"
expect spiked_one_sample 2 'expected at least 2 samples' $D linear spiked --d 16 --ratio 0.05 --out "$T/never"
expect spiked_no_strength 2 'strength is 0, expected a finite number above 0' $D linear spiked --strength 0,1 --out "$T/never"

pca=(--data $drawn --n 200,50 --sigmas 0.1:3:log3 --draws 2 --modes 12)
expect pca 0 'frequency.png' $D linear pca "${pca[@]}" --out "$T/pca"
expect pca_again 1 'is complete, use --force' $D linear pca "${pca[@]}" --out "$T/pca"
expect pca_report 0 'bases of n = 200 noisy images' $D report "$T/pca"
$D linear pca "${pca[@]}" --out "$T/pca2" >"$T/out" 2>"$T/err" &
pid=$!
await $pid has_cells "$T/pca2" 1
kill -INT $pid 2>/dev/null
wait $pid
code=$?
if [ $code -eq 130 ]; then
  ok pca_interrupted
  expect pca_resumed 0 'frequency.png' $D linear pca "${pca[@]}" --out "$T/pca2"
else
  fail pca_interrupted "exit code $code, expected 130"
fi
check pca_same_bytes diff -rq -x timing.csv -x run.json -x report.html "$T/pca" "$T/pca2"
expect pca_one_sample 2 'n is 1, expected at least 2' $D linear pca --n 1 --out "$T/never"
expect pca_too_many 1 'n is 10001, expected at most the 10000 images' $D linear pca --n 10001 --out "$T/never"
expect pca_modes 1 'modes is 64, expected at most 49: d = 784, n = 50' $D linear pca --n 50 --out "$T/never"
expect pca_sigma 2 'sigma must be a positive number' $D linear pca --sigmas 0.1,-1 --out "$T/never"
expect pca_photo 2 'one photo' $D linear pca --data "$T/photo.png" --out "$T/never"
expect pca_unknown 1 'unknown, expected one of' $D linear pca --data nothing --out "$T/never"

posterior=(--model linear:mixture:2 --data $gauss --images 0,3 --sigmas 0.1,0.4 --top 3)
expect posterior 0 'coverage of nominal 95 % intervals over 40 held-out images' $D posterior "${posterior[@]}" --out "$T/posterior"
expect posterior_again 1 'is complete, use --force' $D posterior "${posterior[@]}" --out "$T/posterior"
expect posterior_report 0 'posterior_img-00003.png' $D report "$T/posterior"
expect posterior_same 0 'coverage.png' $D posterior "${posterior[@]}" --out "$T/posterior2"
check posterior_same_bytes diff -rq -x timing.csv -x run.json -x report.html "$T/posterior" "$T/posterior2"
expect posterior_few 0 'only 5 held-out images: too few' $D posterior "${posterior[@]}" --coverage-images 5 --out "$T/posterior-few"
expect posterior_outside 0 'outside: 20' $D posterior --model $model --data $drawn --images 0 --sigmas 20 --coverage-images 0 --out "$T/posterior-outside"
check posterior_outside_marked grep -q outside_training "$T/posterior-outside/run.json"
expect posterior_photo 0 'no directions of PCA: .* is one photo' $D posterior --model $model --data "$T/photo.png" --crop 48x48 --images 0 --sigmas 0.1 --top 2 --probes 16 --out "$T/posterior-photo"
expect posterior_top 2 'top is 0' $D posterior --model linear:mixture:2 --data $gauss --images 0,3 --sigmas 0.1 --top 0 --out "$T/never"
expect mixture_no_clusters 2 'needs its clusters' $D evaluate --model linear:mixture
expect mixture_too_many 1 '61 clusters, expected 1 to 60' $D evaluate --model linear:mixture:61 --data $gauss --sigmas 0.1

diffuse=(--data $drawn --levels 8 --largest 10 --n 60 --rank 3 --trials 11 --starts 6 --taus 1,3)
expect diffuse 0 'directions.png' $D linear diffuse "${diffuse[@]}" --out "$T/diffuse"
expect diffuse_again 1 'is complete, use --force' $D linear diffuse "${diffuse[@]}" --out "$T/diffuse"
expect diffuse_report 0 'collapse by shrinkage' $D report "$T/diffuse"
expect diffuse_same 0 'ddim.png' $D linear diffuse "${diffuse[@]}" --out "$T/diffuse2"
check diffuse_same_bytes diff -rq -x timing.csv -x run.json -x report.html "$T/diffuse" "$T/diffuse2"
expect diffuse_rising 2 'noise level 1 is 2 after 1, expected strictly decreasing' $D linear diffuse --sigmas 1,2 --out "$T/never"
expect diffuse_one_sample 2 'n is 1' $D linear diffuse --n 1 --out "$T/never"
expect diffuse_rank 1 'rank is 60, expected 1 to min.*= 59' $D linear diffuse --levels 8 --n 60 --rank 60 --out "$T/never"
expect diffuse_range 2 'smallest is 3, expected a number below largest' $D linear diffuse --largest 2 --smallest 3 --out "$T/never"
expect diffuse_photo 2 'one photo' $D linear diffuse --data "$T/photo.png" --out "$T/never"

# A data set without a training split: no linear comparison, and said so.
mnist=${DENOSCOPE_PRETRAINED:-../shared/pretrained}/mnist_t10k
if [ -d "$mnist" ]; then
  mkdir "$T/sets" && cp -r "$mnist" "$T/sets/mnist"
  export DENOSCOPE_DATA=$T/sets
  expect no_training_set 0 'eigenvectors.png' $D analyze --model $model --data mnist --images 0 --sigmas 0.2,1 --evaluation-images 50 --out "$T/digits"
  check no_training_set_said grep -q no_linear_comparison "$T/digits/run.json"
  expect auto_needs_training_set 1 'needs a training set' $D analyze --model $model --data mnist --images 0 --out "$T/digits2"
else
  echo "skip no_training_set: no $mnist"
fi

# Open Image Denoise, fetched by tools/fetch_oidn.
if [ -n "${DENOSCOPE_OIDN:-}" ]; then
  expect oidn 0 'architecture +oidn' $D inspect --model "$DENOSCOPE_OIDN/rt_ldr.tza" --clamp-input --self-test
  expect oidn_albedo 1 '32 tensors that fit none' $D inspect --model "$DENOSCOPE_OIDN/rt_ldr_alb.tza"
else
  echo "skip oidn: no DENOSCOPE_OIDN, a folder made by tools/fetch_oidn"
fi
echo end
