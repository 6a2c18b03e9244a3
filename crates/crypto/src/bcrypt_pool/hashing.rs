//! The hashing itself, which takes its time and belongs on a thread of the pool.

use std::hint::black_box;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::{NO_PAD, STANDARD};
use base64::{alphabet, engine::GeneralPurpose};
use bcrypt::BcryptResult;
use doorward_domain::port::Verdict;
use doorward_domain::user::{HashScheme, Password, PasswordHash};
use zeroize::Zeroizing;

use super::COSTS;
use super::stored_hash::cost_of;
use crate::Pepper;
use crate::random::random;

/// The dearest hash that is compared with is this many steps above the cost in force.
const STEPS_ABOVE: u32 = 4;

/// The cost that `STEPS_ABOVE` counts from where tests use a lower one.
const ORDINARY_COST: u32 = 10;

/// The scheme and cost in force.
pub(super) struct Hashing {
    cost: u32,
    pepper: Pepper,
    nobody: PasswordHash,
}

impl Hashing {
    pub(super) fn new(cost: u32, pepper: Pepper) -> Self {
        Self { cost, pepper, nobody: hash_of_nothing(cost) }
    }

    pub(super) fn hash(&self, password: &Password) -> BcryptResult<PasswordHash> {
        let text = bcrypt::non_truncating_hash(self.pre_hash(password), self.cost)?;
        Ok(PasswordHash::new(HashScheme::Peppered, text))
    }

    /// Whether [`verify`](Self::verify) would look at it at all.
    pub(super) fn can_read(&self, hash: &PasswordHash) -> bool {
        cost_of(hash, self.dearest()).is_some()
    }

    pub(super) fn verify(&self, password: &Password, hash: &PasswordHash) -> Verdict {
        let Some(cost) = cost_of(hash, self.dearest()) else {
            tracing::error!(
                "a stored password hash cannot be read, or is far too dear: nobody can log in with it"
            );
            self.verify_nobody(password);
            return Verdict::Wrong;
        };
        let right = self.matches(password, hash);
        self.make_up_for(cost);
        match (right, hash.scheme()) {
            (false, _) => Verdict::Wrong,
            (true, HashScheme::Peppered) if cost >= self.cost => Verdict::Right,
            (true, HashScheme::Peppered | HashScheme::Imported) => Verdict::RightButOutdated,
        }
    }

    pub(super) fn verify_nobody(&self, password: &Password) {
        black_box(self.matches(password, &self.nobody));
    }

    /// An imported hash is compared with as the system did that made it: bcrypt uses 72 bytes of a password at most,
    /// and whoever has a longer one could not log in otherwise. The hash that replaces it covers all of it.
    fn matches(&self, password: &Password, hash: &PasswordHash) -> bool {
        let verified = match hash.scheme() {
            HashScheme::Peppered => bcrypt::verify(self.pre_hash(password), hash.reveal()),
            HashScheme::Imported => bcrypt::verify(password.reveal(), hash.reveal()),
        };
        verified.unwrap_or(false)
    }

    /// base64 of HMAC-SHA-384: 64 characters, which bcrypt takes whole.
    fn pre_hash(&self, password: &Password) -> Zeroizing<String> {
        Zeroizing::new(STANDARD.encode(*self.pepper.hmac_sha384(password.reveal().as_bytes())))
    }

    /// Does the rounds that a cheaper hash saved, so that its owner is not told from nobody by the time it takes.
    fn make_up_for(&self, cost: u32) {
        for step in self.missing_steps(cost) {
            let _ = black_box(bcrypt::hash_with_salt(black_box(b"nothing"), step, [0; 16]));
        }
    }

    /// 2ⁿ = 2ᶜ + 2ᶜ + 2ᶜ⁺¹ + … + 2ⁿ⁻¹: one more hash of each cost from `cost` to below the one in force.
    fn missing_steps(&self, cost: u32) -> Range<u32> {
        cost..self.cost
    }

    fn dearest(&self) -> u32 {
        (self.cost.max(ORDINARY_COST) + STEPS_ABOVE).min(*COSTS.end())
    }
}

/// A well-formed hash of no known password. Making it takes no hashing; comparing with it costs what any other does.
fn hash_of_nothing(cost: u32) -> PasswordHash {
    let base64 = GeneralPurpose::new(&alphabet::BCRYPT, NO_PAD);
    let (salt, digest) = (base64.encode(random::<16>()), base64.encode(random::<23>()));
    PasswordHash::new(HashScheme::Peppered, format!("$2b${cost:02}${salt}{digest}"))
}

#[cfg(test)]
mod tests {
    use doorward_testkit::sample::password;
    use proptest::prelude::*;

    use super::*;

    const PEPPER: [u8; 32] = [7; 32];

    fn hashing(cost: u32) -> Hashing {
        Hashing::new(cost, Pepper::from_bytes(PEPPER))
    }

    fn imported(password: &str, cost: u32) -> PasswordHash {
        PasswordHash::new(HashScheme::Imported, bcrypt::hash(password, cost).unwrap())
    }

    #[test]
    fn aut_04_a_password_is_not_cut_at_72_bytes() {
        let long = "0123456789".repeat(8);
        let hash = hashing(4).hash(&password(&format!("{long}X"))).unwrap();
        assert_eq!(hashing(4).verify(&password(&format!("{long}X")), &hash), Verdict::Right);
        assert_eq!(hashing(4).verify(&password(&format!("{long}Y")), &hash), Verdict::Wrong);
        assert_eq!(hashing(4).verify(&password(&long), &hash), Verdict::Wrong);
    }

    /// bcrypt itself takes `P` and `P\0P` for one, as it repeats the key with its NUL. No password has a NUL here
    /// (`Password::parse`), but a pre-hash in raw bytes would.
    #[test]
    fn aut_05_what_bcrypt_gets_has_neither_nul_nor_a_cyclic_twin() {
        for text in ["correct horse batt", "", "🦀", &"x".repeat(8_000)] {
            let pre_hash = hashing(4).pre_hash(&password(text));
            assert_eq!(pre_hash.len(), 64);
            assert!(pre_hash.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(&byte)));
        }
        let (plain, twin) = (&b"correct horse"[..], &b"correct horse\0correct horse"[..]);
        assert!(bcrypt::verify(twin, &bcrypt::hash(plain, 4).unwrap()).unwrap());
        let pepper = Pepper::from_bytes(PEPPER);
        assert_ne!(pepper.hmac_sha384(plain), pepper.hmac_sha384(twin));
    }

    #[test]
    fn aut_06_every_code_point_counts_also_the_last_of_64_in_four_bytes() {
        let long: String = ('\u{1f300}'..).take(64).collect();
        let hash = hashing(4).hash(&password(&long)).unwrap();
        assert_eq!(long.len(), 256);
        assert_eq!(hashing(4).verify(&password(&long), &hash), Verdict::Right);
        let other = format!("{}\u{1f400}", &long[..252]);
        assert_eq!(hashing(4).verify(&password(&other), &hash), Verdict::Wrong);
    }

    #[test]
    fn aut_09_letter_case_and_outer_spaces_count() {
        let hash = hashing(4).hash(&password(" correct horse ")).unwrap();
        for other in ["correct horse", " correct horse", " Correct horse "] {
            assert_eq!(hashing(4).verify(&password(other), &hash), Verdict::Wrong);
        }
    }

    #[test]
    fn aut_10_composed_and_decomposed_entries_are_one_password() {
        let hash = hashing(4).hash(&password("re\u{301}sume\u{301} 2026")).unwrap();
        assert_eq!(hashing(4).verify(&password("résumé 2026"), &hash), Verdict::Right);
    }

    #[test]
    fn aut_21_equal_passwords_have_different_hashes_of_the_configured_cost() {
        let one = hashing(5).hash(&password("correct horse batt")).unwrap();
        let two = hashing(5).hash(&password("correct horse batt")).unwrap();
        assert_ne!(one.reveal(), two.reveal());
        assert!(one.reveal().starts_with("$2b$05$") && one.scheme() == HashScheme::Peppered);
    }

    #[test]
    fn aut_21_a_hash_says_nothing_without_its_pepper() {
        let hash = hashing(4).hash(&password("correct horse batt")).unwrap();
        assert!(!bcrypt::verify("correct horse batt", hash.reveal()).unwrap());
        let other = Hashing::new(4, Pepper::from_bytes([8; 32]));
        assert_eq!(other.verify(&password("correct horse batt"), &hash), Verdict::Wrong);
        let relabelled = PasswordHash::new(HashScheme::Imported, hash.reveal());
        assert_eq!(hashing(4).verify(&password("correct horse batt"), &relabelled), Verdict::Wrong);
    }

    #[test]
    fn aut_21_a_hash_of_lower_cost_is_right_but_outdated() {
        let (cheap, dear) = (hashing(4), hashing(5));
        let hash = cheap.hash(&password("correct horse batt")).unwrap();
        assert_eq!(dear.verify(&password("correct horse batt"), &hash), Verdict::RightButOutdated);
        assert_eq!(dear.verify(&password("wrong"), &hash), Verdict::Wrong);
        let hash = dear.hash(&password("correct horse batt")).unwrap();
        assert_eq!(cheap.verify(&password("correct horse batt"), &hash), Verdict::Right);
    }

    #[test]
    fn an_imported_hash_is_right_but_outdated_whatever_its_version_and_cost() {
        for cost in [4, 5, 6] {
            let made = imported("correct horse batt", cost);
            for version in ["$2a$", "$2b$", "$2y$"] {
                let hash =
                    PasswordHash::new(HashScheme::Imported, made.reveal().replacen("$2b$", version, 1));
                let verdict = hashing(5).verify(&password("correct horse batt"), &hash);
                assert_eq!(verdict, Verdict::RightButOutdated);
                assert_eq!(hashing(5).verify(&password("wrong"), &hash), Verdict::Wrong);
            }
        }
    }

    #[test]
    fn an_imported_hash_covers_72_bytes_as_it_did_where_it_was_made() {
        let long = "0123456789".repeat(8);
        let hash = imported(&long, 4);
        assert_eq!(hashing(4).verify(&password(&long), &hash), Verdict::RightButOutdated);
        assert_eq!(hashing(4).verify(&password(&long[..71]), &hash), Verdict::Wrong);
    }

    #[test]
    fn aut_21_a_corrupt_or_hostile_hash_is_wrong() {
        let hash = hashing(4).hash(&password("correct horse batt")).unwrap();
        let text = hash.reveal();
        let dear = text.replacen("$04$", "$31$", 1);
        for corrupt in
            ["", "correct horse batt", &text[1..], &text[..59], &text.replacen("$2b$", "$2x$", 1), &dear]
        {
            for scheme in [HashScheme::Peppered, HashScheme::Imported] {
                let verdict =
                    hashing(4).verify(&password("correct horse batt"), &PasswordHash::new(scheme, corrupt));
                assert_eq!(verdict, Verdict::Wrong, "{corrupt:?}");
            }
        }
    }

    #[test]
    fn aut_03_nobodys_hash_is_well_formed_and_follows_the_configured_cost() {
        for cost in [4, 5, 10, 12] {
            let hashing = hashing(cost);
            assert_eq!(cost_of(&hashing.nobody, hashing.dearest()), Some(cost));
        }
        assert_ne!(hashing(4).nobody.reveal(), hashing(4).nobody.reveal());
        assert_eq!(hashing(4).verify(&password("correct horse batt"), &hashing(4).nobody), Verdict::Wrong);
    }

    #[test]
    fn aut_02_a_cheaper_hash_costs_as_many_rounds_as_the_configured_one() {
        let rounds = |cost: u32| 1_u64 << cost;
        for cost in 4..=12 {
            let made_up: u64 = hashing(12).missing_steps(cost).map(rounds).sum();
            assert_eq!(rounds(cost) + made_up, rounds(12));
        }
        assert!(hashing(12).missing_steps(13).is_empty());
    }

    #[test]
    fn the_dearest_hash_compared_with_is_four_steps_above_and_never_beyond_what_can_be_configured() {
        for (cost, dearest) in [(4, 14), (10, 14), (11, 15), (12, 16), (16, 16)] {
            assert_eq!(hashing(cost).dearest(), dearest);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn no_stored_text_makes_it_panic(text in "\\$2[abxy]\\$0[3-5]\\$[./A-Za-z0-9é$]{50,54}|\\PC{0,70}") {
            for scheme in [HashScheme::Peppered, HashScheme::Imported] {
                let verdict = hashing(4).verify(&password("correct horse batt"), &PasswordHash::new(scheme, &*text));
                prop_assert_eq!(verdict, Verdict::Wrong);
            }
        }
    }
}
