# make run     the server on http://127.0.0.1:8000; PORT=9000 and HOST=0.0.0.0 change that
# make test    installs what the tests need, a browser too, and runs them; ARGS= goes to pytest
# make quick   runs the tests that need no server, and those of JavaScript that need no browser
# make coverage  runs the tests without a browser and attacks, and measures lines and branches
# make test-torch VERSION=2.14.1  the recorder, formulas and explanations with another torch
# make check   ruff, mypy, codespell, and for the browser's modules their types and prettier
# make fix     what ruff and prettier can fix by themselves
# make hooks   installs a git hook that checks the files of each commit (pre-commit)
# make cases   the programs of ../shared/cases, beside plain PyTorch and what must be said of them
# make docs    the documents as pages, in build/docs, with every link between them checked
# make bench   measures the figures of docs/architecture.md; ARGS="jail soak" only these
# make slower  says what got slower by 15 % than tests/bench/baseline.json, after make bench
# make pictures  the README's screenshots, and its film of a backward pass: look at each one
# make load    measures a server with a class of 200 and 100 watchers of a live run
# make lock    writes requirements.lock: what the image installs, with hashes
# make image   builds the container image IMAGE=gradfn
# make image-test  builds the image and tests it: tests/image
# make clean   removes what these commands made

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null \
	&& echo $$python && break; done)
VENV := .venv
IMAGE ?= gradfn
TORCH ?= 2.13.0  # what the tests expect; a package takes what is there
VERSION ?= 2.14.1
OF_TORCH := tests/recorder tests/explain tests/notebook tests/folding
# A folder with build_image.sh and lib/common.sh, which start a Docker Engine where there is none.
export TOOLS ?=
TORCH_WHEELS ?= https://download.pytorch.org/whl/cpu/torch/
IN := $(VENV)/bin/python
AT_ONCE := -n auto --dist loadfile --durations 25
SETUP := pyproject.toml hatch_build.py package.json package-lock.json bundle.mjs

run: $(VENV)/run
	@$(IN) -m gradfn

test: $(VENV)/test node_modules/ready
	$(IN) hatch_build.py bundle
	$(IN) -m tests.page.chromium
	$(IN) hatch_build.py npm test
	$(IN) -m pytest $(AT_ONCE) $(ARGS)

quick: $(VENV)/test node_modules/ready
	$(IN) hatch_build.py npm test
	$(IN) -m pytest $(AT_ONCE) -m pure $(ARGS)

# In a virtual environment of its own, which takes several GB where torch comes with CUDA.
test-torch: | $(IN)
	test -x build/torch-$(VERSION)/bin/python || $(PYTHON) -m venv build/torch-$(VERSION)
	build/torch-$(VERSION)/bin/python -m pip install -q 'torch==$(VERSION)' -e '.[test]'
	build/torch-$(VERSION)/bin/python -m pytest $(AT_ONCE) $(OF_TORCH) $(ARGS)

# Tests that fail here do not count: a program can see that it is traced, and is slower.
coverage: $(VENV)/test
	rm -rf .covered .coverage .coverage.* && mkdir .covered
	-TESTS_COVERAGE=$(CURDIR)/.covered $(IN) -m coverage run -m pytest $(AT_ONCE) -q \
		-m 'not attack and not browser' $(ARGS)
	$(IN) -m tests.covered .covered
	$(IN) -m coverage combine -q
	$(IN) -m coverage report

check: $(VENV)/test
	$(IN) -m ruff check
	$(IN) -m ruff format --check
	$(IN) -m mypy
	$(IN) -m codespell_lib
	@$(MAKE) --no-print-directory check-page

# The types of what the server sends are generated from its OpenAPI document.
check-page: $(VENV)/test node_modules/ready
	@mkdir -p build
	$(IN) -m gradfn openapi > build/openapi.json
	$(IN) hatch_build.py npm run check

fix: $(VENV)/test node_modules/ready
	-$(IN) -m ruff check --fix
	$(IN) -m ruff format
	$(IN) hatch_build.py npm run format

hooks: $(VENV)/test node_modules/ready
	$(IN) -m pip install -q pre-commit
	$(VENV)/bin/pre-commit install

cases: $(VENV)/test
	$(IN) -m pytest tests/explain/test_cases.py $(ARGS)

# With -W, as a link that leads nowhere is a warning.
docs: $(VENV)/test
	$(IN) -m pip install -q -e '.[docs]'
	$(IN) -m sphinx -W --keep-going -q -c docs . build/docs

bench: $(VENV)/test
	$(IN) -m tests.bench $(ARGS)

slower: $(VENV)/test
	$(IN) -m tests.bench.ratios $(ARGS)

pictures: $(VENV)/test node_modules/ready
	$(IN) hatch_build.py bundle
	$(IN) -m tests.page.chromium
	$(IN) -m tests.pictures

load: $(VENV)/test
	$(IN) -m pip install -q -e '.[load]'
	$(IN) -m tests.load

# torch is left out, because each machine needs another build of it.
lock: $(VENV)/test
	$(IN) -m pip install -q uv
	echo 'torch==2.13.0+cpu' | $(VENV)/bin/uv pip compile pyproject.toml -q --universal \
		--python-version 3.11 --find-links $(TORCH_WHEELS) --overrides - \
		--no-emit-package torch --generate-hashes --no-annotate \
		--custom-compile-command 'make lock' -o requirements.lock

image:
	tests/image/build $(IMAGE)

# Without the tests that run a server without its jail or look for a checkout: the image has neither.
image-test: image $(VENV)/test
	TEST_IMAGE=$(IMAGE) tests/image/engine $(IN) -m pytest tests/image/test_image.py \
		tests/recorder/test_examples.py tests/jail/test_hostile.py \
		-k 'not without_the_jail and not read_project' $(ARGS)
	TEST_IMAGE=$(IMAGE) ENGINE=net tests/image/engine $(IN) -m pytest tests/image/test_compose.py

clean:
	rm -rf $(VENV) node_modules static/vendor static/release build dist

# The set-up is repeated only when one of these files has changed.
$(VENV)/run: $(SETUP) | $(IN)
	$(IN) -m pip install 'torch==$(strip $(TORCH))' -e .
	@touch $@

$(VENV)/test: $(SETUP) | $(IN)
	$(IN) -m pip install 'torch==$(strip $(TORCH))' -e '.[test]'
	@touch $(VENV)/run $@

node_modules/ready: package-lock.json $(VENV)/test
	$(IN) hatch_build.py npm ci --ignore-scripts
	@touch $@

$(IN):
	@test -n "$(PYTHON)" || { echo "gradfn needs Python 3.11 to 3.14, and there is none on PATH." \
		"Install one, or say where it is: make run PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "$(PYTHON) cannot make a virtual" \
		"environment. On Debian and Ubuntu: sudo apt install python3-venv"; exit 1; }

.PHONY: run test quick test-torch coverage check check-page fix hooks docs bench slower pictures load lock image image-test cases clean
