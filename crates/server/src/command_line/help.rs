//! What `--help` teaches beyond the options: examples, and the settings.

use std::fmt::Write;

use crate::settings::{Unset, chapters, environment_name};

/// For `doorward -h`.
pub(super) const EXAMPLES: &str = "\
Examples:
  doorward                                  start on http://127.0.0.1:8080/
  doorward --bind 0.0.0.0:8080              listen on every interface (behind a TLS proxy)
  doorward admin create ada@example.com     open an admin's account
  doorward openapi > openapi.json           the API for code generators

`doorward --help` lists every setting.";

/// For `doorward admin create --help`.
pub(super) const ADMIN_EXAMPLES: &str = "\
Examples:
  doorward admin create ada@example.com
  doorward admin create ada@example.com --password-file /run/secrets/ada
  pass show doorward/ada | doorward admin create ada@example.com --password-file -";

/// For `doorward --help`: the examples and every setting.
pub(super) fn long() -> String {
    let mut text = EXAMPLES.replace("\n\n`doorward --help` lists every setting.", "");
    text.push_str("\n\nSettings, as environment variables with [default] (in a settings file: lower case, without DOORWARD_):\n");
    for chapter in chapters() {
        // Writing to a text cannot fail.
        let _ = write!(text, "\n  {}\n", chapter.title);
        for setting in chapter.settings {
            let unset = match setting.unset {
                Unset::Is("") => "none".to_owned(),
                Unset::Is(text) => text.to_owned(),
                Unset::Means(text) => text.replace('`', ""),
            };
            let (variable, meaning) = (environment_name(setting.name), setting.meaning);
            let _ = writeln!(text, "    {variable} [{unset}]\n        {meaning}");
        }
    }
    text.push_str("\nWhat each of them allows: docs/configuration.md");
    text
}
