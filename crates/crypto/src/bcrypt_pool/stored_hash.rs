//! Hashes as they come from the store: recognised, or not touched.

use bcrypt::HashParts;
use doorward_domain::user::{HashScheme, PasswordHash};

/// bcrypt's own least cost.
const LEAST_COST: u32 = 4;

/// The cost of a hash that can be compared with at all.
///
/// `None` for text that is no bcrypt hash of the scheme's versions, and for one dearer than `dearest`: whoever can
/// write one into the store must not keep the threads busy for hours (cost 31). `$2x$` marks the output of a broken
/// bcrypt of long ago and is not among the versions.
pub(super) fn cost_of(hash: &PasswordHash, dearest: u32) -> Option<u32> {
    let versions: &[&str] = match hash.scheme() {
        HashScheme::Peppered => &["$2b$"],
        HashScheme::Imported => &["$2a$", "$2b$", "$2y$"],
    };
    let text = hash.reveal();
    let cost = versions.iter().find_map(|version| text.strip_prefix(version))?.get(..2)?;
    if !cost.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let cost = text.parse::<HashParts>().ok()?.get_cost();
    (LEAST_COST..=dearest).contains(&cost).then_some(cost)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: &str = "$UuTkLRZZ6QofpDOlMz32MuuxEHA43WOemOYHPz6.SjsVsyO1tDU96";

    fn cost(scheme: HashScheme, text: &str) -> Option<u32> {
        cost_of(&PasswordHash::new(scheme, text), 14)
    }

    #[test]
    fn versions_are_those_of_the_scheme() {
        for version in ["$2a$", "$2b$", "$2y$"] {
            assert_eq!(cost(HashScheme::Imported, &format!("{version}10{REST}")), Some(10));
        }
        assert_eq!(cost(HashScheme::Peppered, &format!("$2b$10{REST}")), Some(10));
        for version in ["$2a$", "$2y$"] {
            assert_eq!(cost(HashScheme::Peppered, &format!("{version}10{REST}")), None);
        }
        for version in ["$2x$", "$2$", "$1$", "$2B$", ""] {
            assert_eq!(cost(HashScheme::Imported, &format!("{version}10{REST}")), None);
        }
    }

    #[test]
    fn costs_stay_between_bcrypts_least_and_the_dearest() {
        for (text, expected) in
            [("04", Some(4)), ("14", Some(14)), ("03", None), ("15", None), ("31", None), ("99", None)]
        {
            assert_eq!(cost(HashScheme::Imported, &format!("$2b${text}{REST}")), expected);
        }
    }

    #[test]
    fn aut_21_what_is_no_hash_is_not_read() {
        let whole = format!("$2b$10{REST}");
        for text in ["", "$", "$2b$", "$2b$10$", "plain text", &whole[..59], &format!("{whole}."), "$2b$10"] {
            assert_eq!(cost(HashScheme::Peppered, text), None, "{text:?}");
        }
        for cost_text in ["+4", "-1", " 4", "4 ", "ab", "1é"] {
            assert_eq!(cost(HashScheme::Peppered, &format!("$2b${cost_text}{REST}")), None, "{cost_text:?}");
        }
        assert_eq!(cost(HashScheme::Peppered, &whole.replace("Uu", "U$")), None);
        assert_eq!(cost(HashScheme::Peppered, &whole.replace("Uu", "é")), None);
    }
}
