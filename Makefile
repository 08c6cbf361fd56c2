# Two commands do everything on a fresh Linux machine with Python 3.11+ and a C++20 compiler (GCC 11, clang 14 or newer):
#
#   make demo       train a small model, rebuild it bit for bit, catch a forged bit
#   make test       the tests
#
# For those who change the code: make check (the whole gate), test-all (with the slow tests), wheel, golden, format, lock,
# clean.
# Everything is installed in .venv; nothing outside this folder is touched.

# The first Python that is new enough.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$p -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install --no-compile
NATIVE := pyproject.toml CMakeLists.txt constraints.txt $(shell find src/glasswright/kernels -name '*.cc' -o -name '*.h')

# The CPU build of torch is a tenth of the size of the other. Its index says the hashes that pip holds it to; where it is
# not to be had, the usual build serves, held to the hashes of locks/torch.txt.
TORCH := $(shell grep '^torch==' constraints.txt)+cpu
TORCH_CPU := https://download.pytorch.org/whl/cpu

# The bytecode of a module is kept: without it every process of the tests and of the demo compiles torch anew, seconds each.
unexport PYTHONDONTWRITEBYTECODE

# A worker keeps to its part of the tests, so what they share is mostly made once, and takes of another's at the end.
PYTEST_WORKERS := -n auto --maxprocesses 4 --dist worksteal

# Compiling runs on every core.
export CMAKE_BUILD_PARALLEL_LEVEL ?= $(shell nproc)

.PHONY: demo test test-all check wheel golden format lock clean

demo: $(VENV)/demo
	$(VENV)/bin/glasswright demo

test: $(VENV)/dev
	$(VENV)/bin/python -m pytest $(PYTEST_WORKERS) $(PYTEST)

test-all: $(VENV)/cluster
	$(VENV)/bin/python -m pytest $(PYTEST_WORKERS) --slow $(PYTEST)

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
	find src -name '*.cc' -o -name '*.cu' -o -name '*.h' | xargs $(VENV)/bin/clang-format -i

# The hashes of all that the demo installs, torch and what only its usual build needs in a file of their own.
lock: $(VENV)/python
	@$(INSTALL) 'uv>=0.13,<0.14'
	@$(VENV)/bin/uv pip compile -q pyproject.toml --extra build --group native -c constraints.txt \
	  --universal --python-version 3.11 --generate-hashes --no-annotate --no-header -o $(VENV)/lock.txt
	@printf '# Made by `make lock`.\n' | tee locks/demo.txt >locks/torch.txt
	@awk '/^[a-z]/ { file = /^(torch|triton|nvidia-|cuda-)/ ? "locks/torch.txt" : "locks/demo.txt" } { print >>file }' $(VENV)/lock.txt

clean:
	rm -rf $(VENV) build .glasswright demo

$(VENV)/demo: $(VENV)/locked $(NATIVE)
	@echo '-- Compiling the kernels, 1 to 3 minutes on two cores'
	@$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev: $(VENV)/locked $(NATIVE)
	@echo '-- Compiling the kernels, 1 to 3 minutes on two cores, and installing what the tests need'
	@$(INSTALL) --no-build-isolation -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/demo

$(VENV)/cluster: $(VENV)/dev
	@echo '-- Installing Ray'
	@$(INSTALL) --no-build-isolation -c constraints.txt -e '.[cluster]'
	@touch $@

$(VENV)/locked: $(VENV)/python locks/demo.txt
	@echo '-- Installing what builds and trains, each file held to its hash'
	@$(INSTALL) --require-hashes -r locks/demo.txt
	@touch $@

$(VENV)/python: locks/torch.txt
	@test -n "$(PYTHON)" || { echo 'Python 3.11 or newer, with venv, is needed: on Debian or Ubuntu, apt install python3-venv' >&2; exit 1; }
	@command -v $${CXX:-c++} >/dev/null || { echo 'A C++20 compiler is needed: on Debian or Ubuntu, apt install g++' >&2; exit 1; }
	@echo '-- Installing torch in $(VENV), about 200 MB'
	@$(PYTHON) -m venv $(VENV)
	@$(INSTALL) --no-deps $$(curl -sfI --max-time 5 $(TORCH_CPU)/torch/ >/dev/null 2>&1 && echo --extra-index-url $(TORCH_CPU)) $(TORCH) 2>/dev/null || \
	  $(INSTALL) --no-deps --require-hashes -r locks/torch.txt
	@touch $@
