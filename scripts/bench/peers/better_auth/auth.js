// better-auth on PostgreSQL, wired as its documents advise for production.

import bcrypt from "bcrypt";
import { betterAuth } from "better-auth";
import { admin } from "better-auth/plugins";
import pg from "pg";

const cost = Number(process.env.PEER_BCRYPT_COST);

export const pool = new pg.Pool({ connectionString: process.env.PEER_DATABASE_URL, max: Number(process.env.PEER_POOL) });

export const auth = betterAuth({
    baseURL: `http://127.0.0.1:${process.env.PEER_PORT}`,
    secret: process.env.PEER_SECRET,
    database: pool,
    emailAndPassword: {
        enabled: true,
        // Opening an account opens no session, as with the others of the comparison.
        autoSignIn: false,
        // scrypt unless told otherwise; here the hash is the one that all of the comparison have.
        password: {
            hash: (password) => bcrypt.hash(password, cost),
            verify: ({ hash, password }) => bcrypt.compare(password, hash),
        },
    },
    // With it, a session and its user are believed for five minutes without asking the database.
    session: { cookieCache: { enabled: process.env.PEER_COOKIE_CACHE === "True", maxAge: 5 * 60 } },
    experimental: { joins: process.env.PEER_JOINS === "True" },
    // The load comes from one address.
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    // Lists of users.
    plugins: [admin()],
});
