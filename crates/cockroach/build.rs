//! Builds anew when a migration is added: the macro that embeds them watches only the files it has seen. And names the
//! schema for tests, which make their databases from a template.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::Path;

const MIGRATIONS: &str = "../../migrations/cockroach";

fn main() {
    println!("cargo::rerun-if-changed={MIGRATIONS}");
    println!("cargo::rustc-env=DOORWARD_SCHEMA_KEY={:016x}", hash(Path::new(MIGRATIONS)));
}

/// Of the text of every migration, in order.
fn hash(directory: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(directory) else { return 0 };
    let mut migrations: Vec<_> = entries.flatten().map(|entry| entry.path().join("up.sql")).collect();
    migrations.sort();
    let mut hasher = DefaultHasher::new();
    for migration in migrations {
        fs::read_to_string(migration).ok().hash(&mut hasher);
    }
    hasher.finish()
}
