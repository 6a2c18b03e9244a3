//! The tables as `migrations/sqlite` makes them.

diesel::table! {
    users (id) {
        id -> Binary,
        username -> Text,
        username_norm -> Text,
        email -> Text,
        email_norm -> Text,
        password_hash -> Text,
        password_scheme -> Text,
        role -> Text,
        active -> Bool,
        default_user_type -> Nullable<Text>,
        has_profile -> Bool,
        fullname -> Nullable<Text>,
        fullname_search -> Nullable<Text>,
        gender -> Nullable<Text>,
        city -> Nullable<Text>,
        accounts -> Text,
        user_types -> Text,
        played_games -> Text,
        favorites -> Text,
        version -> BigInt,
        last_login_at -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
        is_streamer -> Bool,
        is_seller -> Bool,
    }
}

diesel::table! {
    user_addresses (address_norm) {
        address_norm -> Text,
        user_id -> Binary,
    }
}

diesel::table! {
    sessions (id) {
        id -> Binary,
        user_id -> Binary,
        generation -> BigInt,
        refresh_id -> Binary,
        previous_refresh_id -> Nullable<Binary>,
        access_id -> Binary,
        rotated_at -> BigInt,
        created_at -> BigInt,
        last_seen_at -> BigInt,
        expires_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        end_reason -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        address -> Nullable<Text>,
    }
}

diesel::joinable!(user_addresses -> users (user_id));
diesel::joinable!(sessions -> users (user_id));
diesel::allow_tables_to_appear_in_same_query!(users, user_addresses, sessions);
