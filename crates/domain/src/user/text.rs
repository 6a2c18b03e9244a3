//! Short texts that people write about themselves.

use unicode_normalization::UnicodeNormalization;

/// A text of 1 to `MAX` code points in NFC, without control characters and without the invisible characters that
/// turn the direction of other people's text around (Unicode `Bidi_Control`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<const MAX: usize>(String);

/// Why a text is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// No character at all.
    #[error("must not be empty")]
    Empty,
    /// More code points than the field holds.
    #[error("must have at most {0} characters")]
    TooLong(usize),
    /// A control or direction-changing character.
    #[error("must not contain control characters")]
    Control,
}

impl<const MAX: usize> Text<MAX> {
    /// Reads a text; it is normalised to NFC, nothing else is changed.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        if text.is_empty() {
            return Err(TextError::Empty);
        }
        if text.chars().any(is_control) {
            return Err(TextError::Control);
        }
        // Letters of ASCII are composed already (UAX #15 §5.3).
        let composed = if text.is_ascii() { text.to_owned() } else { text.nfc().collect::<String>() };
        if composed.chars().count() > MAX {
            return Err(TextError::TooLong(MAX));
        }
        Ok(Self(composed))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

pub(super) fn is_control(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_composed_and_otherwise_kept() {
        assert_eq!(Text::<8>::parse("e\u{301}té ").unwrap().as_str(), "été ");
    }

    #[test]
    fn length_counts_code_points() {
        assert!(Text::<3>::parse("äöü").is_ok());
        assert_eq!(Text::<3>::parse("äöüa"), Err(TextError::TooLong(3)));
        assert_eq!(Text::<3>::parse(""), Err(TextError::Empty));
    }

    #[test]
    fn control_and_direction_characters_are_refused() {
        for text in ["a\0", "a\u{7}", "a\nb", "a\u{7f}", "a\u{85}", "a\u{202e}b", "a\u{2066}", "a\u{2028}"] {
            assert_eq!(Text::<9>::parse(text), Err(TextError::Control), "{text:?}");
        }
    }
}
