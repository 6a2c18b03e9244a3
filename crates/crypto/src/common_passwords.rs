//! The passwords that everybody tries first.

use std::cmp::Ordering;

use doorward_domain::port::CommonPasswords;
use doorward_domain::user::{Password, adorned};
use zeroize::Zeroizing;

/// Sorted by bytes, one a line, in lower case; `data/README.md` tells where it comes from.
const LIST: &str = include_str!("../data/common_passwords.txt");

/// Known everywhere, or here, and not on the list.
const MORE: [&str; 3] = ["administrator", "correcthorsebatterystaple", "doorward"];

/// What fingers do by themselves: any piece of these, forwards or backwards.
const RUNS: [&str; 12] = [
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "`1234567890-=qwertyuiop[]\\",
    "asdfghjkl;'zxcvbnm,./",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "a1b2c3d4e5f6g7h8i9j0",
];

/// A unit of so many code points is no secret, however often it is repeated.
const SHORT_UNIT: usize = 4;

/// Knows 30 000 common passwords in any letter case, and what people make of them: the same word again and again,
/// with up to four digits or signs around it, or a walk over the keyboard.
///
/// The list is searched where it lies in the binary: no time at start, no memory of its own.
#[derive(Clone, Copy, Debug, Default)]
pub struct CommonPasswordList;

impl CommonPasswords for CommonPasswordList {
    fn contains(&self, password: &Password) -> bool {
        let word = Zeroizing::new(password.reveal().to_lowercase());
        is_common(&word) || adorned(&word).any(is_common_word)
    }
}

fn is_common(word: &str) -> bool {
    is_known(word) || is_repetition(word)
}

fn is_common_word(stem: &str) -> bool {
    // A number is no word: dates are for whoever guesses, not for this list.
    stem.len() >= SHORT_UNIT && stem.bytes().any(|byte| !byte.is_ascii_digit()) && is_common(stem)
}

fn is_known(word: &str) -> bool {
    is_listed(word) || MORE.contains(&word) || is_run(word)
}

fn is_run(word: &str) -> bool {
    let backwards = Zeroizing::new(word.chars().rev().collect::<String>());
    RUNS.iter().any(|run| run.contains(word) || run.contains(backwards.as_str()))
}

/// Whether the word is a short unit over and over, the last one perhaps cut, or a known word several times.
fn is_repetition(word: &str) -> bool {
    (1..=word.len() / 2).any(|length| {
        let (Some(unit), Some(rest)) = (word.get(..length), word.get(length..)) else { return false };
        word.starts_with(rest)
            && (unit.chars().count() <= SHORT_UNIT || (word.len().is_multiple_of(length) && is_known(unit)))
    })
}

/// Halves the list until the line in its middle is the word.
fn is_listed(word: &str) -> bool {
    let is_break = |byte: &u8| *byte == b'\n';
    let mut lines = LIST.as_bytes();
    while !lines.is_empty() {
        let middle = lines.len() / 2;
        let (head, tail) = lines.split_at(middle);
        let start = head.iter().rposition(is_break).map_or(0, |at| at + 1);
        let end = middle + tail.iter().position(is_break).unwrap_or(tail.len());
        let (before, rest) = lines.split_at(start);
        let (line, after) = rest.split_at(end - start);
        lines = match word.as_bytes().cmp(line) {
            Ordering::Less => before,
            Ordering::Equal => return true,
            Ordering::Greater => after.get(1..).unwrap_or_default(),
        };
    }
    false
}

#[cfg(test)]
mod tests {
    use doorward_domain::port::Ids as _;
    use proptest::prelude::*;

    use super::*;
    use crate::RandomIds;

    fn contains(text: &str) -> bool {
        CommonPasswordList.contains(&Password::parse(text).unwrap())
    }

    #[test]
    fn the_list_is_sorted_lower_case_and_without_repeats() {
        let lines: Vec<&str> = LIST.lines().collect();
        assert_eq!(lines.len(), 30_000);
        assert!(lines.is_sorted_by(|one, next| one < next));
        assert!(lines.iter().all(|line| *line == line.to_lowercase() && line.len() >= 4));
        assert!(LIST.ends_with('\n'));
    }

    #[test]
    fn aut_08_the_list_has_3_000_entries_that_fit_the_length_rule_and_finds_each() {
        assert!(LIST.lines().filter(|line| line.len() >= 8).count() >= 3_000);
        assert!(LIST.lines().all(is_listed));
    }

    #[test]
    fn aut_08_entries_are_found_in_any_letter_case_doubled_and_with_digits() {
        for entry in LIST.lines().step_by(149) {
            for text in [
                entry.to_owned(),
                entry.to_uppercase(),
                entry.repeat(2),
                entry.repeat(3),
                format!("{entry}2026"),
                format!("{entry}1"),
            ] {
                let is_longer_number = text != entry && text.bytes().all(|byte| byte.is_ascii_digit());
                assert!(contains(&text) || is_longer_number, "{text}");
            }
        }
    }

    #[test]
    fn aut_08_habits_of_hands_are_found() {
        for text in [
            "password",
            "PassWord",
            "passwordpassword",
            "Password2026",
            "aaaaaaaa",
            "abcabcabc",
            "abcabcab",
            "12341234",
            "🦀🦀🦀🦀🦀🦀🦀🦀",
            "monkeymonkey",
            "MONKEY1234",
            "12345678",
            "9876543210",
            "qwertyuiop",
            "poiuytrewq",
            "asdfghjkl;'",
            "1qaz2wsx3edc",
            "1q2w3e4r5t6y",
            "abcdefgh1",
            "administrator",
            "correcthorsebatterystaple",
            "doorward2026",
            "Password1!",
            "!!monkey!!",
            "2026sunshine",
            "$passwordpassword$",
        ] {
            assert!(contains(text), "{text}");
        }
    }

    #[test]
    fn aut_09_other_passwords_need_no_composition() {
        for text in [
            "correct horse batt",
            "correct horse battery staple",
            "xkwpvtqzrmbhjna",
            "830195572640138",
            "  two words  ",
            "Tr0ub4dor&3",
            "monkeydonkey",
            "пароль подлиннее",
            "password that nobody has",
            "2026password13579",
            "-password-2026-",
        ] {
            assert!(!contains(text), "{text}");
        }
        for _ in 0..1_000 {
            assert!(!contains(&RandomIds.token().to_string()));
        }
    }

    #[test]
    fn a_text_as_long_as_any_is_answered_at_once() {
        let mut text = "a".repeat(8 * 1024 - 1);
        text.push('b');
        assert!(!contains(&text));
        assert!(contains(&"é".repeat(4 * 1024)));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_letter_case_changes_nothing(text in "[a-zA-Z0-9]{0,20}") {
            prop_assert_eq!(contains(&text), contains(&text.to_ascii_uppercase()));
        }

        #[test]
        fn a_word_is_listed_when_a_plain_search_finds_it(text in "[a-d0-2]{1,6}") {
            prop_assert_eq!(is_listed(&text), LIST.lines().any(|line| line == text));
        }
    }
}
