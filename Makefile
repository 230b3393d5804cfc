# make study   a new virtual environment, the install, and the quickstart study
# make test    the same set-up, then the tests
# make studies every study that ships at its own size, about half an hour on two cores: for a night
# make check   lint, format, types, layering (what .ci/run adds to the tests)

VENV ?= .venv
PYTHON ?= python3
BIN = $(VENV)/bin

.PHONY: study studies test check benchmarks clean

study: $(VENV)/ready
	$(BIN)/layerwise run studies/quickstart.yaml

studies: $(VENV)/ready
	$(BIN)/python tests/benchmarks/every_study.py

# Two files at a time: much of the platform's tests is waiting for Ray.
test: $(VENV)/ready $(VENV)/with-cluster
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

check: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=.typing $(BIN)/lint-imports

benchmarks: $(VENV)/ready
	$(BIN)/python tests/benchmarks/against_plain_tune.py

# The constraints pin every version; pyproject.toml's ranges stay open for other machines.
$(VENV)/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--constraint constraints.txt --editable ".[test,lint]"
	touch $@

# What a cluster's head needs: apart, because every Ray starts a second later where it is installed.
$(VENV)/with-cluster: $(VENV)/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--constraint constraints.txt --editable ".[cluster]"
	touch $@

clean:
	rm -rf $(VENV) .wheel-venv build dist *.egg-info
