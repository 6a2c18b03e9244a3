from doorward_client import AuthenticatedClient, Client
from doorward_client.api.auth import login, refresh
from doorward_client.api.user import me
from doorward_client.models import Credentials, ErrorCode, Failure, TokensEnvelope, UserEnvelope

base = "http://127.0.0.1:8080"
entry = login.sync(client=Client(base), body=Credentials(username="ada@example.com", password="correct horse batt"))
assert isinstance(entry, TokensEnvelope), entry
answer = me.sync(client=AuthenticatedClient(base, entry.results.access_token))
if isinstance(answer, Failure) and answer.results.code is ErrorCode.TOKEN_EXPIRED:
    entry = refresh.sync(client=AuthenticatedClient(base, entry.results.refresh_token))
    assert isinstance(entry, TokensEnvelope), entry
    answer = me.sync(client=AuthenticatedClient(base, entry.results.access_token))
assert isinstance(answer, UserEnvelope), answer
print(answer.results.username)
