//! The tables as `migrations/sqlite` and `migrations/cockroach` make them.

#![expect(missing_docs, reason = "the migrations say what each column is for")]
#![cfg_attr(
    not(test),
    expect(clippy::wildcard_imports, reason = "the names of columns' types are all that is imported")
)]

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::*;

    users (id) {
        id -> IdColumn,
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
        accounts -> JsonColumn,
        user_types -> JsonColumn,
        played_games -> JsonColumn,
        favorites -> JsonColumn,
        version -> BigInt,
        last_login_at -> TimeColumn,
        created_at -> TimeColumn,
        updated_at -> TimeColumn,
        is_streamer -> Bool,
        is_seller -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::*;

    user_addresses (address_norm) {
        address_norm -> Text,
        user_id -> IdColumn,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::*;

    sessions (id) {
        id -> IdColumn,
        user_id -> IdColumn,
        generation -> BigInt,
        refresh_id -> IdColumn,
        previous_refresh_id -> Nullable<IdColumn>,
        access_id -> IdColumn,
        rotated_at -> TimeColumn,
        created_at -> TimeColumn,
        last_seen_at -> TimeColumn,
        expires_at -> TimeColumn,
        ended_at -> Nullable<TimeColumn>,
        end_reason -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        address -> Nullable<Text>,
    }
}

diesel::table! {
    key_fingerprints (name) {
        name -> Text,
        fingerprint -> Text,
    }
}

diesel::table! {
    unfinished_transfers (source) {
        source -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::*;

    revocation_epoch (id) {
        id -> SmallInt,
        epoch -> IdColumn,
        witness -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::columns::*;

    audit_log (id) {
        id -> IdColumn,
        at -> TimeColumn,
        action -> Text,
        outcome -> Text,
        actor_id -> Nullable<IdColumn>,
        actor -> Nullable<Text>,
        target_id -> Nullable<IdColumn>,
        target -> Nullable<Text>,
        session_id -> Nullable<IdColumn>,
        address -> Nullable<Text>,
        request_id -> Nullable<Text>,
        details -> JsonColumn,
    }
}

diesel::joinable!(user_addresses -> users (user_id));
diesel::joinable!(sessions -> users (user_id));
diesel::allow_tables_to_appear_in_same_query!(users, user_addresses, sessions);
