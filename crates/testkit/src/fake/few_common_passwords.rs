//! The shortest useful list of common passwords.

use doorward_domain::port::CommonPasswords;
use doorward_domain::user::Password;

/// Knows a handful of them, all long enough to pass the rules for length.
#[derive(Clone, Copy, Debug, Default)]
pub struct FewCommonPasswords;

const COMMON: [&str; 6] = ["password", "password1", "12345678", "123456789", "qwertyuiop", "iloveyou"];

impl CommonPasswords for FewCommonPasswords {
    fn contains(&self, password: &Password) -> bool {
        COMMON.iter().any(|common| common.eq_ignore_ascii_case(password.reveal()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letter_case_makes_no_password_uncommon() {
        assert!(FewCommonPasswords.contains(&Password::parse("PassWord1").unwrap()));
        assert!(!FewCommonPasswords.contains(&Password::parse("correct horse batt").unwrap()));
    }
}
