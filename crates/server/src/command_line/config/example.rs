//! A settings file that explains every setting.

use std::fmt::Write;

use crate::settings::{Setting, Unset, Written, chapters, file_name};

const HEAD: &str = "\
# The settings of doorward, each with what it means and its default. To change one, take away the `#` before its name.
# The environment has the same names, and wins: DOORWARD_BIND for bind.
# `doorward config check --config FILE` reads a file as a start does and tells everything that is wrong.
";

/// Columns that a comment has.
const WIDTH: usize = 116;

/// The file. With its defaults uncommented it means what no file means.
pub(super) fn text() -> String {
    let mut text = HEAD.to_owned();
    for chapter in chapters() {
        // Writing to a text cannot fail.
        let _ = write!(text, "\n\n# ---- {} ----\n", chapter.title);
        for setting in &chapter.settings {
            text.push('\n');
            text.push_str(&explained(setting));
        }
    }
    text
}

fn explained(setting: &Setting) -> String {
    let Setting { name, meaning, allowed, .. } = setting;
    let mut text = wrapped(&format!("{meaning} Must be {allowed}."));
    match setting.unset {
        Unset::Is(default) => {
            let _ = writeln!(text, "#{name} = {}", Written::of(&setting.form, default).toml());
        }
        // A default that cannot be written is told, and the line is there to be filled in.
        Unset::Means(default) => {
            text.push_str(&wrapped(&format!("Unless it is given: {default}.")));
            let _ = writeln!(text, "#{name} =");
        }
    }
    if setting.is_secret {
        text.push_str("# Or the file that holds it, for its owner alone:\n");
        let _ = writeln!(text, "#{} =", file_name(name));
    }
    text
}

/// A paragraph as comments.
fn wrapped(paragraph: &str) -> String {
    let mut text = String::new();
    let mut line = "#".to_owned();
    for word in paragraph.split(' ') {
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            let _ = writeln!(text, "{line}");
            "#".clone_into(&mut line);
        }
        line.push(' ');
        line.push_str(word);
    }
    let _ = writeln!(text, "{line}");
    text
}
