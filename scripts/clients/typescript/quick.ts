import { login, me, refresh } from "doorward-client";
import { createClient } from "doorward-client/client";

const client = createClient({ baseUrl: "http://127.0.0.1:8080" });
const entry = await login({ client, body: { username: "ada@example.com", password: "correct horse batt" } });
if (!entry.data) throw new Error(entry.error.results.code);
let tokens = entry.data.results;
let answer = await me({ client, auth: tokens.access_token });
if (answer.error?.results.code === "token_expired") {
  tokens = (await refresh({ client, auth: tokens.refresh_token, throwOnError: true })).data.results;
  answer = await me({ client, auth: tokens.access_token });
}
console.log(answer.data?.results.username);
