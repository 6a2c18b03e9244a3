// One person's way through the API with the TypeScript client: every step is checked by the compiler and by the service.

import assert from "node:assert/strict";

import { listUsers, login, logout, me, refresh, registerUser, updateMe } from "doorward-client";
import type { ErrorCode, Failure, ListUsersData, UserEntry } from "doorward-client";
import { createClient } from "doorward-client/client";

const client = createClient({ baseUrl: process.argv[2] });
const password = "correct horse batt";
const usernames = ["ada", "bob", "cay"].map((name) => `${name}@typescript.example`);
const [username] = usernames as [string];

/** What the service says no to. */
function code(answer: { error?: Failure }): ErrorCode | undefined {
  return answer.error?.results.code;
}

for (const name of usernames) {
  const opened = await registerUser({ client, body: { username: name, password, password_confirm: password } });
  assert.equal(opened.data?.results.username, name);
}
const again = await registerUser({ client, body: { username, password, password_confirm: password } });
assert.equal(code(again), "username_taken");

const entry = await login({ client, body: { username, password } });
assert.ok(entry.data);
let tokens = entry.data.results;
const auth = () => tokens.access_token;

const account = await me({ client, auth });
assert.equal(account.data?.results.role, "user");
assert.equal(account.data.results.profile, null);

const changed = await updateMe({
  client,
  auth,
  body: { profile: { city: "London" }, default_user_type: "streamer", played_games: ["Mobile Legends"] },
});
assert.equal(changed.data?.results.profile?.city, "London");
assert.deepEqual(changed.data.results.played_games, ["MOBILE LEGENDS"]);

const people: UserEntry[] = [];
const query: NonNullable<ListUsersData["query"]> = { limit: 1, sort: "-created_at" };
for (;;) {
  const page = await listUsers({ client, auth, query });
  assert.ok(page.data);
  people.push(...page.data.results);
  if (page.data.page.next === null) break;
  query.cursor = page.data.page.next;
}
assert.equal(new Set(people.map((person) => person.id)).size, people.length);
assert.ok(people.length >= usernames.length);

const spent = tokens.refresh_token;
const refreshed = await refresh({ client, auth: spent });
assert.ok(refreshed.data);
tokens = refreshed.data.results;
assert.notEqual(tokens.refresh_token, spent);

const wrong = await updateMe({ client, auth, body: { profile: { city: "" } } });
assert.equal(code(wrong), "validation_failed");
assert.equal(wrong.error?.results.fields?.[0]?.field, "profile.city");
assert.equal(wrong.response?.status, 400);

assert.equal((await logout({ client, auth })).data?.status, true);
assert.equal(code(await me({ client, auth })), "token_revoked");
console.log("TypeScript: told to its end");
