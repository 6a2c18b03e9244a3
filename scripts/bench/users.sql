-- As many accounts as :users: one in 1000 an admin, one in 50 closed, one in 100 a streamer.
INSERT INTO users (
    id, username, username_norm, email, email_norm, password_hash, password_scheme, role, active, has_profile, fullname,
    fullname_search, accounts, user_types, played_games, favorites, version, last_login_at, created_at, updated_at
)
SELECT
    gen_random_uuid(), address, address, address, address, 'none', 'peppered',
    CASE WHEN n % 1000 = 0 THEN 'admin' ELSE 'user' END, n % 50 <> 0, true, name, name,
    '{"gmail":null,"youtube":null,"facebook":null}',
    CASE WHEN n % 100 = 0
        THEN '{"streamer":{"streamer_id":"s","history":[]},"seller":null}'::JSONB
        ELSE '{"streamer":null,"seller":null}'::JSONB
    END,
    '[]', '{"facebook":[],"youtube":[]}', 1,
    '2026-01-01'::TIMESTAMPTZ + n::INT8 * 7919 % :users * INTERVAL '20 seconds',
    '2020-01-01'::TIMESTAMPTZ + n * INTERVAL '1 minute', '2026-01-01'
FROM (SELECT n, md5(n::TEXT) AS name, md5(n::TEXT) || '@example.com' AS address FROM generate_series(1, :users) AS n) AS made;

INSERT INTO user_addresses SELECT username_norm, id FROM users ON CONFLICT (address_norm) DO NOTHING;
VACUUM ANALYZE;
