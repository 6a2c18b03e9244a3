// Makes better-auth's tables.

import { getMigrations } from "better-auth/db/migration";
import { auth, pool } from "./auth.js";

const { runMigrations } = await getMigrations(auth.options);
await runMigrations();
await pool.end();
