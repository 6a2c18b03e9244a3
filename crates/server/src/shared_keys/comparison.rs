//! What a node has beside what is registered.

use std::collections::BTreeMap;

use doorward_domain::port::KeyFingerprint;

/// One secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Comparison {
    /// What it is registered as.
    pub(crate) name: String,
    /// How the two sides stand.
    pub(crate) standing: Standing,
}

/// How the two sides of one secret stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Both have it.
    Same(String),
    /// Both have one, and they are not the same.
    Different {
        /// The fingerprint of this node's.
        here: String,
        /// The one that is registered.
        registered: String,
    },
    /// It is registered with this fingerprint, and not here.
    Missing(String),
    /// It is here with this fingerprint, and not registered.
    Unregistered(String),
}

/// Every secret that either side has, by name.
pub(crate) fn compare(here: &[KeyFingerprint], registered: &[KeyFingerprint]) -> Vec<Comparison> {
    let mut sides: BTreeMap<&str, (Option<&String>, Option<&String>)> = BTreeMap::new();
    for KeyFingerprint { name, fingerprint } in here {
        sides.entry(name).or_default().0 = Some(fingerprint);
    }
    for KeyFingerprint { name, fingerprint } in registered {
        sides.entry(name).or_default().1 = Some(fingerprint);
    }
    sides.into_iter().filter_map(|(name, sides)| Some(Comparison::of(name, Standing::of(sides)?))).collect()
}

impl Comparison {
    fn of(name: &str, standing: Standing) -> Self {
        Self { name: name.to_owned(), standing }
    }
}

impl Standing {
    fn of(sides: (Option<&String>, Option<&String>)) -> Option<Self> {
        match sides {
            (Some(here), Some(registered)) if here == registered => Some(Self::Same(here.clone())),
            (Some(here), Some(registered)) => {
                Some(Self::Different { here: here.clone(), registered: registered.clone() })
            }
            (Some(here), None) => Some(Self::Unregistered(here.clone())),
            (None, Some(registered)) => Some(Self::Missing(registered.clone())),
            (None, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str, fingerprint: &str) -> KeyFingerprint {
        KeyFingerprint { name: name.to_owned(), fingerprint: fingerprint.to_owned() }
    }

    #[test]
    fn every_secret_of_either_side_is_told_once() {
        let here = [key("pepper", "p1"), key("token_key/a", "a"), key("token_key/b", "b")];
        let registered = [key("pepper", "p2"), key("token_key/b", "b"), key("token_key/c", "c")];
        assert_eq!(
            compare(&here, &registered),
            [
                Comparison::of(
                    "pepper",
                    Standing::Different { here: "p1".to_owned(), registered: "p2".to_owned() }
                ),
                Comparison::of("token_key/a", Standing::Unregistered("a".to_owned())),
                Comparison::of("token_key/b", Standing::Same("b".to_owned())),
                Comparison::of("token_key/c", Standing::Missing("c".to_owned())),
            ]
        );
        assert_eq!(compare(&[], &[]), []);
    }
}
