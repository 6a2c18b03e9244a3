-- The addresses of an account, one row or two. The primary key is what keeps an address with one account, whether it is
-- there as username or as e-mail.
CREATE TABLE IF NOT EXISTS user_addresses (
    address_norm TEXT NOT NULL,
    user_id      UUID NOT NULL,
    CONSTRAINT user_addresses_pkey PRIMARY KEY (address_norm),
    CONSTRAINT user_addresses_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
