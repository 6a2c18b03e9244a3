//! What a newer version may do to the tables while older ones go on: every kind of thing that a migration marked
//! `expand` may do, in words that every database takes.

/// Versions of migrations that no version has, with the statement of each.
pub const ADDITIONS: [(&str, &str); 5] = [
    ("9001expand", "ALTER TABLE users ADD COLUMN nickname TEXT"),
    ("9002expand", "ALTER TABLE sessions ADD COLUMN device TEXT NOT NULL DEFAULT 'unknown'"),
    ("9003expand", "CREATE INDEX users_by_nickname ON users (nickname, id)"),
    (
        "9004expand",
        "CREATE TABLE nicknames (nickname TEXT NOT NULL, since TEXT, \
         CONSTRAINT nicknames_pkey PRIMARY KEY (nickname))",
    ),
    ("9005expand", "CREATE UNIQUE INDEX nicknames_by_time ON nicknames (since)"),
];

/// Statements that carry all of it out, each with a note that it was.
pub fn additions() -> String {
    let noted = |(version, statement): &(&str, &str)| {
        let note = format!("INSERT INTO __diesel_schema_migrations (version) VALUES ('{version}')");
        [(*statement).to_owned(), note, String::new()].join(";\n")
    };
    ADDITIONS.iter().map(noted).collect::<Vec<_>>().concat()
}

/// The same without notes.
pub fn additions_alone() -> String {
    ADDITIONS.map(|(_, statement)| statement).join(";\n")
}
