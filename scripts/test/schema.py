#!/usr/bin/env python3
"""docs/config/doorward.schema.json is a JSON Schema, takes the example with every default, and refuses what is wrong."""

import json
import pathlib
import re
import tomllib

from jsonschema import Draft202012Validator

PLACE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "config"
schema = json.loads((PLACE / "doorward.schema.json").read_text(encoding="utf-8"))
Draft202012Validator.check_schema(schema)
validator = Draft202012Validator(schema)

text = (PLACE / "doorward.example.toml").read_text(encoding="utf-8")
defaults = tomllib.loads(re.sub(r"^#(?=[a-z_]+ = )", "", text, flags=re.MULTILINE))
assert tomllib.loads(text) == {}, "the example sets something by itself"
assert len(defaults) > 40, "the example has hardly any default"
validator.validate(defaults)
for name, value in defaults.items():
    default = schema["properties"][name]["default"]
    assert value == default, f"{name} = {value!r} in the example and {default!r} in the schema"

FINE = """
idle_ttl = 0
access_ttl = "1h 30m"
body_limit = 8192
throttle_refresh = "off"
throttle_login_guesses = "5 per 1m, 10 per 1h"
cors_origins = "https://a.example, https://b.example"
trusted_proxies = ["10.0.0.5", "2001:db8::/48"]
database_url = "postgresql://ada@db.example/doorward"
redis_url_file = "/run/secrets/redis"
"""
validator.validate(tomllib.loads(FINE))

WRONG = [
    'bnid = "127.0.0.1:1"',
    'bind = "8080"',
    'issuer = "a b"',
    "docs = 1",
    'docs = "true"',
    "bcrypt_cost = 9",
    'max_sessions = "32"',
    "access_ttl = 900",
    'access_ttl = "soon"',
    'access_ttl = "0"',
    'body_limit = "64kb"',
    'log_level = "loud"',
    'throttle_refresh = "60"',
    'cors_origins = ["*"]',
    'cors_origins = "https://a.example/"',
    'trusted_proxies = ["proxy.internal"]',
    'database_url = "mysql://db.example/doorward"',
    'redis_url = "redis://cache.example"\nredis_url_file = "/run/secrets/redis"',
    '[http]\nbind = "127.0.0.1:1"',
]
for file in WRONG:
    assert not validator.is_valid(tomllib.loads(file)), f"the schema takes {file!r}"
print(f"{len(defaults)} defaults and {len(WRONG)} faults are told apart")
