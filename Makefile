# Two commands do everything on a fresh Linux machine with Python 3.11+ and a C++20 compiler (GCC 11, clang 14 or newer):
#
#   make demo       train a small model, rebuild it bit for bit, catch a forged bit
#   make test       the tests
#
# For those who change the code: make check (the whole gate), test-all (with the slow tests), wheel, golden, format, clean.
# Everything is installed in .venv; nothing outside this folder is touched.

# The first Python that is new enough.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$p -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check -qq
NATIVE := pyproject.toml CMakeLists.txt constraints.txt $(shell find src/glasswright/kernels -name '*.cc' -o -name '*.h')

# The CPU build of torch is a tenth of the size of the other. Where its index cannot be reached, the usual one serves.
TORCH := $(shell sed -n 's/^torch==/torch==/p' constraints.txt)
TORCH_CPU := https://download.pytorch.org/whl/cpu

# Compiling runs on every core.
export CMAKE_BUILD_PARALLEL_LEVEL ?= $(shell nproc)

.PHONY: demo test test-all check wheel golden format clean

demo: $(VENV)/demo
	$(VENV)/bin/glasswright demo

test: $(VENV)/dev
	$(VENV)/bin/python -m pytest -n auto --maxprocesses 4 $(PYTEST)

test-all: $(VENV)/dev
	$(VENV)/bin/python -m pytest -n auto --maxprocesses 4 --slow $(PYTEST)

check: $(VENV)/dev
	$(VENV)/bin/python .ci/gate.py

wheel:
	$(PYTHON) .ci/wheel.py

golden: $(VENV)/dev
	$(VENV)/bin/python -m pytest -q --slow -k 'golden or command_line_page' --write-golden
	git --no-pager diff --stat -- tests
	@echo 'A changed golden digest is a changed bit: list it under "Changes bits" in CHANGELOG.md, with the reason.'

format: $(VENV)/dev
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .
	find src -name '*.cc' -o -name '*.h' | xargs $(VENV)/bin/clang-format -i

clean:
	rm -rf $(VENV) build .glasswright demo

$(VENV)/demo: $(VENV)/python $(NATIVE)
	$(PIP) install --no-compile -c constraints.txt -e '.[build]'
	@touch $@

$(VENV)/dev: $(VENV)/python $(NATIVE)
	$(PIP) install --no-compile -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/demo

$(VENV)/python:
	@test -n "$(PYTHON)" || { echo 'Python 3.11 or newer, with venv, is needed: on Debian or Ubuntu, apt install python3-venv' >&2; exit 1; }
	@command -v $${CXX:-c++} >/dev/null || { echo 'A C++20 compiler is needed: on Debian or Ubuntu, apt install g++' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@! curl -sfI --max-time 5 $(TORCH_CPU)/torch/ >/dev/null 2>&1 || $(PIP) install --no-deps --index-url $(TORCH_CPU) $(TORCH)
	@touch $@
