"""Modules are run from the root of the repository: `python3 -m scripts.faults.soak BINARY`."""
