//! Values that are words.

use doorward_domain::user::Email;

use super::{Form, Kind};

/// On or off.
pub(in crate::settings) struct Switch;

impl Kind for Switch {
    type Value = bool;

    fn allowed(&self) -> String {
        "true or false".to_owned()
    }

    fn form(&self) -> Form {
        Form::Switch
    }

    fn read(&self, text: &str) -> Option<bool> {
        text.parse().ok()
    }
}

/// One of a few words.
pub(in crate::settings) struct OneOf<T: 'static>(pub(in crate::settings) &'static [(&'static str, T)]);

impl<T: Copy> Kind for OneOf<T> {
    type Value = T;

    fn allowed(&self) -> String {
        let words: Vec<_> = self.0.iter().map(|(word, _)| *word).collect();
        format!("one of: {}", words.join(", "))
    }

    fn form(&self) -> Form {
        Form::Word(self.0.iter().map(|(word, _)| *word).collect())
    }

    fn read(&self, text: &str) -> Option<T> {
        self.0.iter().find(|(word, _)| *word == text).map(|(_, value)| *value)
    }
}

/// A short name for programs.
pub(in crate::settings) struct Name;

impl Kind for Name {
    type Value = String;

    fn allowed(&self) -> String {
        "1 to 255 characters, none of them white space or a control character".to_owned()
    }

    fn form(&self) -> Form {
        Form::Text("^\\S{1,255}$")
    }

    fn read(&self, text: &str) -> Option<String> {
        let visible = text.chars().all(|letter| !letter.is_whitespace() && !letter.is_control());
        (visible && (1..=255).contains(&text.chars().count())).then(|| text.to_owned())
    }
}

/// An e-mail address.
pub(in crate::settings) struct MailAddress;

impl Kind for MailAddress {
    type Value = Email;

    fn allowed(&self) -> String {
        "an e-mail address such as name@example.com".to_owned()
    }

    fn form(&self) -> Form {
        Form::Text("^.+@.+$")
    }

    fn read(&self, text: &str) -> Option<Email> {
        Email::parse(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::kind::taken;

    #[test]
    fn names_are_visible() {
        assert_eq!(taken(&Name, &["doorward", "https://id.example.com", "", "a b", "a\nb"]).len(), 2);
        assert_eq!(Name.read(&"x".repeat(256)), None);
    }
}
