#!/bin/sh
# All that needs a GPU, by one command, in under six minutes on an H200 (foreseen, not measured) once it is installed:
#
#   benchmarks/gpu/run.sh
#
# 1. doctor     a small product by both versions of the numerics
# 2. kernels    every kernel of the GPU: golden digests, the bits of the processor's kernels at the edges and beyond a tile;
#               a small model trained to the processor's state, and resumed there and back
# 3. replay     every segment of a release that a processor made
# 4. speed      products, and training of 162M parameters, by both versions; the share of the state's digests
#
# PYTHON names a Python that has glasswright[gpu], pytest and hypothesis; without it they are installed in .venv-gpu, which
# takes minutes of its own. DEVICE=cpu SHAPE=tiny goes the same way without a GPU, and shows nothing of one.
#
# Not yet run where there is a GPU.
set -eu
cd "$(dirname "$0")/../.."

if [ -z "${PYTHON:-}" ]; then
  PYTHON=$PWD/.venv-gpu/bin/python
  [ -x "$PYTHON" ] || python3 -m venv .venv-gpu
  "$PYTHON" -m pip install -q -c constraints.txt -e '.[gpu]' pytest pytest-timeout hypothesis
fi
DEVICE=${DEVICE:-cuda} SHAPE=${SHAPE:-162M}
if [ "$DEVICE" = cuda ]; then
  "$PYTHON" -c 'from glasswright.kernels.cuda.device import Device; Device()' || { echo '== nothing was run' >&2; exit 3; }
fi
failed=''
started=$(date +%s)

part() {
  name=$1 limit=$2
  shift 2
  echo "== $name, $(($(date +%s) - started)) s"
  timeout "$limit" "$@" || failed="$failed $name"
}

part doctor 60 "$PYTHON" -m glasswright.cli doctor
part kernels 120 "$PYTHON" -m pytest -q -p no:randomly tests/kernels/cuda/test_on_a_gpu.py
release=$(mktemp -d)
trap 'rm -rf "$release"' EXIT
tar -xJf tests/fixtures/schema-2.tar.xz -C "$release"
part replay 60 "$PYTHON" -m glasswright.cli replay "$release/schema2" --segments 3 --device "$DEVICE"
part speed 150 "$PYTHON" benchmarks/gpu/speed.py --device "$DEVICE" --shape "$SHAPE"

echo "== done in $(($(date +%s) - started)) s${failed:+; FAILED:$failed}"
[ -z "$failed" ]
