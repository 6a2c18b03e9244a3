"""One person's way through the API with the Python client: every step is checked by mypy and by the service."""

import sys

from doorward_client import AuthenticatedClient, Client
from doorward_client.api.auth import login, logout, refresh
from doorward_client.api.user import list_users, me, register_user, update_me
from doorward_client.models import (
    Credentials,
    ErrorCode,
    Failure,
    FailureResults,
    NothingEnvelope,
    OwnUpdate,
    ProfileChange,
    Registration,
    Role,
    TokensEnvelope,
    UserEntryListEnvelope,
    UserEnvelope,
    UserSort,
    UserTypeName,
)
from doorward_client.types import UNSET

BASE = sys.argv[1]
PASSWORD = "correct horse batt"
USERNAMES = [f"{name}@python.example" for name in ("ada", "bob", "cay")]


def refusal(answer: object) -> FailureResults:
    """What the service says no to."""
    assert isinstance(answer, Failure), answer
    return answer.results


def main() -> None:
    nobody = Client(BASE)
    for name in USERNAMES:
        person = Registration(username=name, password=PASSWORD, password_confirm=PASSWORD)
        opened = register_user.sync(client=nobody, body=person)
        assert isinstance(opened, UserEnvelope) and opened.results.username == name
    again = register_user.sync(client=nobody, body=person)
    assert refusal(again).code is ErrorCode.USERNAME_TAKEN

    entry = login.sync(client=nobody, body=Credentials(username=USERNAMES[0], password=PASSWORD))
    assert isinstance(entry, TokensEnvelope)
    caller = AuthenticatedClient(BASE, entry.results.access_token)

    account = me.sync(client=caller)
    assert isinstance(account, UserEnvelope)
    assert account.results.role is Role.USER and account.results.profile is None

    update = OwnUpdate(
        profile=ProfileChange(city="London"),
        default_user_type=UserTypeName.STREAMER,
        played_games=["Mobile Legends"],
    )
    changed = update_me.sync(client=caller, body=update)
    assert isinstance(changed, UserEnvelope) and changed.results.profile is not None
    assert changed.results.profile.city == "London"
    assert changed.results.played_games == ["MOBILE LEGENDS"]
    assert changed.results.updated_at >= account.results.updated_at

    people = []
    cursor: str | None = None
    while True:
        page = list_users.sync(client=caller, limit=1, sort=UserSort.CREATED_AT_DESCENDING, cursor=cursor or UNSET)
        assert isinstance(page, UserEntryListEnvelope), page
        people += page.results
        cursor = page.page.next_
        if cursor is None:
            break
    assert len({person.id for person in people}) == len(people) >= len(USERNAMES)

    spent = entry.results.refresh_token
    refreshed = refresh.sync(client=AuthenticatedClient(BASE, spent))
    assert isinstance(refreshed, TokensEnvelope) and refreshed.results.refresh_token != spent
    caller = AuthenticatedClient(BASE, refreshed.results.access_token)

    wrong = update_me.sync_detailed(client=caller, body=OwnUpdate(profile=ProfileChange(city="")))
    faults = refusal(wrong.parsed)
    assert (wrong.status_code, faults.code) == (400, ErrorCode.VALIDATION_FAILED)
    assert faults.fields and faults.fields[0].field == "profile.city"

    assert isinstance(logout.sync(client=caller), NothingEnvelope)
    assert refusal(me.sync(client=caller)).code is ErrorCode.TOKEN_REVOKED
    print("Python: told to its end")


main()
