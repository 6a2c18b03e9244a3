"""What Schemathesis cannot know of the API: who is calling, and the rules that a JSON schema cannot express.

Every request comes from an account of its own that has just logged in. So a request may log out, change its password
or be disabled, and the next one is none the worse for it.
"""

import itertools
import json
import os
import urllib.request
from urllib.parse import unquote

import schemathesis
from schemathesis import GenerationMode

BASE = os.environ["TEST_BASE"]
ROLE = os.environ["TEST_ROLE"]
ADMIN = "admin@doorward.example"
PASSWORD = os.environ["TEST_PASSWORD"]

numbers = itertools.count(1)
callers = {}


def ask(method, path, body, token=None):
    """Sends JSON and answers the results."""
    headers = {"content-type": "application/json"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    request = urllib.request.Request(BASE + path, json.dumps(body).encode(), headers, method=method)
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)["results"]


def log_in(username):
    return ask("POST", "/api/auth/login", {"username": username, "password": PASSWORD})


def open_account():
    """Somebody new."""
    username = f"person-{next(numbers)}@schemathesis.example"
    ask("POST", "/api/user", {"username": username, "password": PASSWORD, "password_confirm": PASSWORD})
    return username


def open_admin():
    """Another admin, so that nothing happens to the first."""
    username = open_account()
    ask("PUT", f"/api/user/{username}", {"role": "admin"}, log_in(ADMIN)["access_token"])
    return username


if ROLE != "nobody":

    @schemathesis.auth(refresh_interval=None)
    class FreshSession:
        """An account and a session for each request."""

        def get(self, case, context):
            return log_in(open_admin() if ROLE == "admin" else open_account())

        def set(self, case, tokens, context):
            schemes = {name for either in case.operation.definition.raw.get("security", []) for name in either}
            for scheme in schemes:
                # The schemes are called after the tokens.
                case.headers["Authorization"] = f"Bearer {tokens[scheme]}"
                callers[case.headers["Authorization"]] = tokens["username"]


@schemathesis.hook
def before_call(context, case, kwargs):
    """Makes data that is meant to be good keep the rules that the description can only tell in words."""
    spare_the_first_admin(case)
    if case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
        return
    if case.path in ("/api/user/all", "/api/user/active"):
        correct_filter(case.query if case.method == "GET" else case.body)
    elif case.path == "/api/audit":
        correct_filter(case.query)
    elif isinstance(case.body, dict):
        correct_body(case.body, changes_an_account=case.method == "PUT")
    name_somebody(case)


def correct_filter(values):
    if not isinstance(values, dict):
        return
    # A cursor is good only if it came from the list itself.
    values.pop("cursor", None)
    if ROLE == "member":
        # Members may not ask by what they do not see.
        values.pop("role", None)
        values.pop("active", None)
        if values.get("sort") in ("username", "-username"):
            values.pop("sort")


def correct_body(body, changes_an_account):
    if "password_confirm" in body:
        if len(set(body["password"])) < 6:
            # Short of characters: likely one of the common passwords.
            body["password"] = "a staple for the next year"
        body["password_confirm"] = body["password"]
    if "current_password" in body or (changes_an_account and "email" in body):
        body["current_password"] = PASSWORD
    if (body.get("profile") or {}).get("fullname") is not None:
        # Two words for one field have to agree.
        body.pop("name", None)
    for platform, entries in (body.get("favorites") or {}).items():
        body["favorites"][platform] = list({entry["id"]: entry for entry in entries}.values())


def name_somebody(case):
    """Every other path names an account that exists: the caller's own, and for admins somebody new."""
    if "username" in case.path_parameters and next(numbers) % 2:
        own = callers.get(case.headers.get("Authorization"))
        case.path_parameters["username"] = open_account() if ROLE == "admin" or own is None else own


def spare_the_first_admin(case):
    """The first admin opens the accounts of the others and has to stay one."""
    if unquote(str(case.path_parameters.get("username", ""))).lower() == ADMIN:
        case.path_parameters["username"] = open_account()
