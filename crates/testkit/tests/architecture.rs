//! Holds the walls between our crates: who of our crates may depend on whom, and what the domain may not know.

#![expect(clippy::unwrap_used, reason = "a surprise fails the test that met it")]

use std::collections::BTreeSet;
use std::path::Path;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// Each crate and those of ours that it may be built on. A crate that is not named here is refused.
const MAY_DEPEND_ON: &[(&str, &[&str])] = &[
    (
        "doorward",
        &[
            "doorward-client",
            "doorward-cockroach",
            "doorward-crypto",
            "doorward-domain",
            "doorward-http",
            "doorward-memory",
            "doorward-redis",
            "doorward-sql",
            "doorward-sqlite",
            "doorward-tls",
        ],
    ),
    (
        "doorward-bench",
        &["doorward-crypto", "doorward-domain", "doorward-http", "doorward-memory", "doorward-sqlite"],
    ),
    ("doorward-client", &[]),
    ("doorward-cockroach", &["doorward-domain", "doorward-sql", "doorward-tls"]),
    ("doorward-crypto", &["doorward-domain"]),
    ("doorward-domain", &[]),
    ("doorward-http", &["doorward-domain"]),
    ("doorward-memory", &["doorward-domain"]),
    ("doorward-redis", &["doorward-domain", "doorward-tls"]),
    ("doorward-sql", &["doorward-domain"]),
    ("doorward-sqlite", &["doorward-domain", "doorward-sql"]),
    ("doorward-testkit", &["doorward-domain"]),
    ("doorward-tls", &[]),
];

/// Built on its own, instrumented for the fuzzer: it is in no build of the others.
const APART: &str = "fuzz";

/// What every crate may test with.
const TESTKIT: &str = "doorward-testkit";

/// Crates of storage, web, runtime, clock and chance: the domain asks for these through ports.
const UNKNOWN_TO_THE_DOMAIN: &[&str] =
    &["serde", "diesel", "actix", "tokio", "chrono", "time", "rand", "getrandom", "jwt", "bcrypt", "redis"];

/// Why the crate `from` must not depend on the crate `to` of ours; `None` where it may.
fn objection(from: &str, to: &str, kind: DependencyKind) -> Option<String> {
    let Some((_, allowed)) = MAY_DEPEND_ON.iter().find(|(name, _)| *name == from) else {
        return Some(format!("{from} has no place in the architecture yet"));
    };
    // A crate may name itself among its dev-dependencies: that is how its tests turn a feature of it on.
    let for_tests = kind == DependencyKind::Development && (to == TESTKIT || to == from);
    (!for_tests && !allowed.contains(&to)).then(|| format!("{from} must not depend on {to} ({kind})"))
}

fn is_unknown_to_the_domain(name: &str) -> bool {
    UNKNOWN_TO_THE_DOMAIN.iter().any(|word| name == *word || name.split(['-', '_']).any(|part| part == *word))
}

fn workspace() -> Metadata {
    MetadataCommand::new()
        .manifest_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.toml"))
        .no_deps()
        .other_options(["--offline".to_owned()])
        .exec()
        .unwrap()
}

fn directory(package: &Package) -> &str {
    package.manifest_path.parent().and_then(|directory| directory.file_name()).unwrap()
}

#[test]
fn our_crates_depend_on_each_other_as_the_architecture_says() {
    let workspace = workspace();
    let ours: BTreeSet<&str> = workspace.packages.iter().map(|package| package.name.as_str()).collect();
    let objections: Vec<String> = workspace
        .packages
        .iter()
        .flat_map(|package| package.dependencies.iter().map(move |dependency| (package, dependency)))
        .filter(|(_, dependency)| ours.contains(dependency.name.as_str()))
        .filter_map(|(package, dependency)| objection(&package.name, &dependency.name, dependency.kind))
        .collect();
    assert!(objections.is_empty(), "{objections:#?}");
}

#[test]
fn every_crate_has_its_place_and_its_directorys_name() {
    let workspace = workspace();
    for package in &workspace.packages {
        let directory = directory(package);
        let expected =
            if directory == "server" { "doorward".to_owned() } else { format!("doorward-{directory}") };
        assert_eq!(package.name.as_str(), expected, "the package in crates/{directory}");
        assert!(
            MAY_DEPEND_ON.iter().any(|(name, _)| *name == package.name.as_str()),
            "{expected} has no place in the architecture yet"
        );
    }
}

#[test]
fn every_directory_of_crates_is_a_crate_of_the_workspace() {
    let workspace = workspace();
    let members: BTreeSet<String> =
        workspace.packages.iter().map(|package| directory(package).to_owned()).collect();
    let directories: BTreeSet<String> = std::fs::read_dir(workspace.workspace_root.join("crates"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|directory| directory != APART)
        .collect();
    assert_eq!(directories, members);
}

#[test]
fn the_domain_knows_neither_storage_nor_web_nor_clock_nor_chance() {
    let workspace = workspace();
    let domain =
        workspace.packages.iter().find(|package| package.name.as_str() == "doorward-domain").unwrap();
    let known: Vec<&str> = domain
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind != DependencyKind::Development)
        .map(|dependency| dependency.name.as_str())
        .filter(|name| is_unknown_to_the_domain(name))
        .collect();
    assert!(known.is_empty(), "the domain must not depend on {known:?}");
}

#[test]
fn the_rule_refuses_what_it_should() {
    use DependencyKind::{Build, Development, Normal};
    for (from, to, kind) in [
        ("doorward-domain", "doorward-sqlite", Normal),
        ("doorward-domain", "doorward-sqlite", Development),
        ("doorward-domain", "doorward-testkit", Normal),
        ("doorward-domain", "doorward-domain", Normal),
        ("doorward-http", "doorward-sqlite", Normal),
        ("doorward-http", "doorward-crypto", Development),
        ("doorward-sqlite", "doorward", Build),
        ("doorward-testkit", "doorward-sqlite", Normal),
        ("doorward", "doorward-testkit", Normal),
        ("doorward", "doorward-bench", Development),
        ("doorward-bench", "doorward-cockroach", Normal),
        ("doorward-newcomer", "doorward-domain", Normal),
    ] {
        assert!(objection(from, to, kind).is_some(), "{from} -> {to} ({kind}) is let through");
    }
    for (from, to, kind) in [
        ("doorward", "doorward-http", Normal),
        ("doorward", "doorward-sqlite", Development),
        ("doorward-sqlite", "doorward-domain", Normal),
        ("doorward-sqlite", "doorward-testkit", Development),
        ("doorward-domain", "doorward-domain", Development),
    ] {
        assert_eq!(objection(from, to, kind), None);
    }
}

#[test]
fn what_the_domain_may_not_know_is_told_by_whole_words() {
    for name in
        ["serde", "serde_json", "diesel-async", "actix-web", "tokio", "rand_core", "getrandom", "chrono"]
    {
        assert!(is_unknown_to_the_domain(name), "{name}");
    }
    for name in
        ["idna", "mockall", "url", "uuid", "zeroize", "thiserror", "async-trait", "unicode-normalization"]
    {
        assert!(!is_unknown_to_the_domain(name), "{name}");
    }
}
