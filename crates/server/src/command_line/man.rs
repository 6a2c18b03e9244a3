//! `doorward completions` and `doorward man`: what shells and `man` are told about the command line.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;

use super::grammar::CommandLine;
use super::terminal;
use crate::settings::{Unset, chapters, environment_name, file_name};

/// Why nothing was told.
#[derive(Debug, thiserror::Error)]
pub(super) enum ManFailed {
    /// The pages could not be written.
    #[error("cannot write to {}", .0.display())]
    Directory(PathBuf, #[source] io::Error),
    /// Standard output is closed, or is full.
    #[error("cannot write to standard output")]
    Output(#[from] io::Error),
}

/// Prints the completions for a shell.
pub(super) fn completions(shell: Shell) -> Result<(), ManFailed> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut CommandLine::command(), "doorward", &mut script);
    Ok(terminal::say(&String::from_utf8_lossy(&script))?)
}

/// Prints the page of `doorward`, or writes a page for each of its commands into a directory.
pub(super) fn man(directory: Option<&Path>) -> Result<(), ManFailed> {
    let command = built();
    let Some(directory) = directory else {
        return Ok(terminal::say(&page(&command)?)?);
    };
    let written = fs::create_dir_all(directory).and_then(|()| write_pages(&command, directory));
    written.map_err(|error| ManFailed::Directory(directory.to_owned(), error))
}

/// The command line with the names that its pages have.
fn built() -> Command {
    let mut command = CommandLine::command().disable_help_subcommand(true);
    command.build();
    command
}

fn write_pages(command: &Command, directory: &Path) -> io::Result<()> {
    let name = Man::new(command.clone()).get_filename();
    fs::write(directory.join(name), page(command)?)?;
    command.get_subcommands().try_for_each(|command| write_pages(command, directory))
}

/// A page in roff.
fn page(command: &Command) -> io::Result<String> {
    let man = Man::new(command.clone());
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    let mut page = String::from_utf8_lossy(&page).into_owned();
    if let Some(text) = command.get_after_help() {
        page.push_str(&notes(&text.to_string()));
    }
    if command.get_name() == "doorward" {
        page.push_str(&environment());
    }
    Ok(page)
}

/// What a help says at its end. A line that is indented stands as it is; any other is wrapped.
fn notes(text: &str) -> String {
    let mut page = String::from(".SH NOTES\n");
    let mut is_example = false;
    for line in text.lines() {
        let indented = line.starts_with(' ');
        if indented != is_example {
            page.push_str(if indented { ".nf\n" } else { ".fi\n" });
            is_example = indented;
        }
        // Writing to a text cannot fail.
        let _ = match line.trim_end() {
            "" => writeln!(page, ".PP"),
            line => writeln!(page, "{}", escaped(line)),
        };
    }
    if is_example {
        page.push_str(".fi\n");
    }
    page
}

/// The settings as variables.
fn environment() -> String {
    let mut page = String::from(
        ".SH ENVIRONMENT\nIn a settings file each has the name in lower case, without DOORWARD_.\n",
    );
    for chapter in chapters() {
        // Writing to a text cannot fail.
        let _ = writeln!(page, ".SS {}", escaped(chapter.title));
        for setting in chapter.settings {
            let unset = match setting.unset {
                Unset::Is("") => "none",
                Unset::Is(text) | Unset::Means(text) => text,
            };
            let variable = escaped(&environment_name(setting.name));
            let meaning =
                escaped(&format!("{} It must be {}. Default: {unset}.", setting.meaning, setting.allowed));
            let _ = writeln!(page, ".TP\n{variable}\n{meaning}");
            if setting.is_secret {
                let variable = escaped(&environment_name(&file_name(setting.name)));
                let _ = writeln!(page, ".TP\n{variable}\nOr the file that holds it, for its owner alone.");
            }
        }
    }
    page
}

/// A line that roff takes as text: nothing in it is an instruction, and its dashes can be copied.
fn escaped(line: &str) -> String {
    format!("\\&{}", line.replace('\\', "\\e").replace('-', "\\-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_of_a_text_is_an_instruction() {
        let page = notes(".so /etc/passwd\n'x\n  doorward \\ --bind\nend");
        assert_eq!(
            page,
            ".SH NOTES\n\\&.so /etc/passwd\n\\&'x\n.nf\n\\&  doorward \\e \\-\\-bind\n.fi\n\\&end\n"
        );
    }

    #[test]
    fn the_page_has_every_setting() {
        let page = page(&built()).unwrap();
        for setting in crate::settings::chapters().iter().flat_map(|chapter| &chapter.settings) {
            assert!(page.contains(&crate::settings::environment_name(setting.name)), "{}", setting.name);
        }
        assert!(!page.contains("doorward\\-help"), "there is no such page");
    }
}
