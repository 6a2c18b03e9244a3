//! Passwords that we choose ourselves, for an account that has to exist before anybody can choose one.

use zeroize::Zeroizing;

use crate::random::random;

/// 32 characters that nobody mistakes for each other, as Crockford's base 32 has them.
const ALPHABET: [u8; 32] = *b"0123456789abcdefghjkmnpqrstvwxyz";
/// Five bits each: 120 bits together.
const CHARACTERS: usize = 24;
/// Between hyphens, so that it can be read out.
const GROUP: usize = 6;

/// A password of 120 random bits, such as `4hv0cz-9q2m7t-x1e8ka-d5s3wg`.
pub fn random_password() -> Zeroizing<String> {
    // With room for all of it from the start, the text is never moved and leaves no copy in memory.
    let mut password = Zeroizing::new(String::with_capacity(CHARACTERS + CHARACTERS / GROUP));
    for (index, byte) in Zeroizing::new(random::<CHARACTERS>()).iter().enumerate() {
        if index > 0 && index.is_multiple_of(GROUP) {
            password.push('-');
        }
        // 32 divides 256, so every character is as likely as any other.
        password.extend(ALPHABET.get(usize::from(byte % 32)).map(|letter| char::from(*letter)));
    }
    password
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_chosen_password_is_long_readable_and_never_the_same() {
        let passwords: BTreeSet<_> = (0..100).map(|_| random_password().to_string()).collect();
        assert_eq!(passwords.len(), 100);
        for password in &passwords {
            let groups: Vec<_> = password.split('-').collect();
            assert_eq!(groups.iter().map(|group| group.len()).collect::<Vec<_>>(), [6; 4]);
            assert!(groups.concat().bytes().all(|byte| ALPHABET.contains(&byte)), "{password}");
        }
        let seen: BTreeSet<_> = passwords.iter().flat_map(|password| password.bytes()).collect();
        assert_eq!(seen.len(), ALPHABET.len() + 1);
    }
}
