//! Holds what the documents have people type to the grammar of the command line: no page names an option that there is
//! none of.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Parser;
use clap::error::ErrorKind;

use super::grammar::CommandLine;

/// A line of a page that somebody is told to type.
struct Typed {
    /// File and line.
    place: String,
    text: String,
}

/// The README and every page, with their paths from the root on.
fn pages() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut paths = vec![root.join("README.md")];
    collect(&root.join("docs"), &mut paths);
    paths.sort();
    let name = |path: &Path| path.strip_prefix(&root).unwrap().display().to_string();
    paths.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect()
}

fn collect(directory: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            paths.push(path);
        }
    }
}

/// The lines of blocks of code, fenced or indented, each with those that it goes on in.
fn typed(page: &str, text: &str) -> Vec<Typed> {
    let mut found: Vec<Typed> = Vec::new();
    let (mut is_fenced, mut goes_on) = (false, false);
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            (is_fenced, goes_on) = (!is_fenced, false);
            continue;
        }
        if !is_fenced && !line.starts_with("    ") {
            goes_on = false;
            continue;
        }
        let (part, more) = line.strip_suffix('\\').map_or((line, false), |part| (part, true));
        match found.last_mut().filter(|_| goes_on) {
            Some(before) => before.text.push_str(part),
            None => found.push(Typed { place: format!("{page}:{}", number + 1), text: part.to_owned() }),
        }
        goes_on = more;
    }
    found
}

/// Code within a sentence that begins with our name.
fn mentioned(page: &str, text: &str) -> Vec<Typed> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.starts_with("    "));
    lines
        .flat_map(|(number, line)| line.split('`').skip(1).step_by(2).map(move |code| (number, code)))
        .filter(|(_, code)| code.starts_with("doorward "))
        .map(|(number, code)| Typed { place: format!("{page}:{}", number + 1), text: code.to_owned() })
        .collect()
}

/// The simple commands of a line of shell, each as its words; what stands in quotes is one word, and comments and what
/// redirects are no part of it.
fn commands(line: &str) -> Vec<Vec<String>> {
    let (mut commands, mut words, mut word) = (Vec::new(), Vec::new(), None::<String>);
    let mut letters = line.chars().peekable();
    let end_word = |word: &mut Option<String>, words: &mut Vec<String>| words.extend(word.take());
    while let Some(letter) = letters.next() {
        match letter {
            '#' if word.is_none() => break,
            '\'' | '"' => {
                let inside: String = letters.by_ref().take_while(|next| *next != letter).collect();
                word.get_or_insert_default().push_str(&inside);
            }
            '\\' => word.get_or_insert_default().extend(letters.next()),
            '|' | '&' | ';' | '(' | ')' => {
                end_word(&mut word, &mut words);
                commands.push(std::mem::take(&mut words));
            }
            '>' | '<' => {
                // A number before it is that of a stream.
                word = word.filter(|word| !word.bytes().all(|byte| byte.is_ascii_digit()));
                end_word(&mut word, &mut words);
                while letters.next_if(|next| matches!(next, '>' | '<' | '&' | ' ')).is_some() {}
                while letters.next_if(|next| !matches!(next, ' ' | '|' | ';' | ')')).is_some() {}
            }
            ' ' | '\t' => end_word(&mut word, &mut words),
            letter => word.get_or_insert_default().push(letter),
        }
    }
    end_word(&mut word, &mut words);
    commands.push(words);
    commands
}

/// What follows our name where a command calls this program, perhaps by its path, for somebody else or with variables.
fn arguments(words: &[String]) -> Option<Vec<&str>> {
    let mut words = words.iter().map(String::as_str).peekable();
    loop {
        let word = words.next()?;
        let is_variable = word
            .split_once('=')
            .is_some_and(|(name, _)| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'));
        match word {
            "sudo" | "env" | "exec" | "time" | "if" | "then" | "do" | "!" | "$" | "until" | "while" => {
                // `sudo -u doorward` is for somebody.
                while let Some(option) = words.next_if(|word| word.starts_with('-')) {
                    if matches!(option, "-u" | "-g") {
                        words.next();
                    }
                }
            }
            "cargo" if words.peek() == Some(&"run") => {
                return words.any(|word| word == "--").then(|| words.collect());
            }
            _ if is_variable => {}
            _ if word.rsplit('/').next() == Some("doorward") => return Some(words.collect()),
            _ => return None,
        }
    }
}

/// Why the program would not take the arguments. What a variable, or a part in capitals, stands for is not known.
fn complaint(arguments: &[&str]) -> Option<(ErrorKind, String)> {
    let is_open = |argument: &&str| {
        argument.contains(['$', '<', '[']) || !argument.contains(|letter: char| letter.is_lowercase())
    };
    let error = CommandLine::try_parse_from(["doorward"].iter().chain(arguments)).err()?;
    let has_open = arguments.iter().any(is_open);
    let is_fine = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => true,
        ErrorKind::ValueValidation | ErrorKind::InvalidValue | ErrorKind::InvalidSubcommand => has_open,
        // An option may come from the environment, unlike what has no name.
        ErrorKind::MissingRequiredArgument => !error.to_string().contains("  <"),
        _ => false,
    };
    (!is_fine).then(|| {
        let text = error.to_string();
        let first = text.split("\n\n").next().unwrap_or_default().replace('\n', " ");
        (error.kind(), first)
    })
}

#[test]
fn what_the_documents_have_somebody_type_is_understood() {
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for (page, text) in pages() {
        for Typed { place, text } in typed(&page, &text) {
            for command in commands(text.trim()) {
                let Some(arguments) = arguments(&command) else { continue };
                tried += 1;
                if let Some((_, complaint)) = complaint(&arguments) {
                    wrong.push(format!("{place}: doorward {}: {complaint}", arguments.join(" ")));
                }
            }
        }
        // A sentence may leave out what does not matter to it, but not tell of what is not there.
        for Typed { place, text } in mentioned(&page, &text) {
            let commands = commands(&text);
            let Some(arguments) = commands.first().and_then(|command| arguments(command)) else { continue };
            tried += 1;
            if let Some((ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand, complaint)) =
                complaint(&arguments)
            {
                wrong.push(format!("{place}: {text}: {complaint}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} lines are not understood:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried > 100, "only {tried} were found");
}

#[test]
fn the_examples_of_the_help_are_understood() {
    let mut wrong = Vec::new();
    let help = include_str!("help.rs");
    for (number, line) in help.lines().enumerate().filter(|(_, line)| line.starts_with("  ")) {
        // What it is for follows behind two spaces.
        let line = line.trim().trim_end_matches("\";");
        let line = line.split_once("  ").map_or(line, |(line, _)| line);
        for command in commands(line) {
            let Some(arguments) = arguments(&command) else { continue };
            if let Some((_, complaint)) = complaint(&arguments) {
                wrong.push(format!("help.rs:{}: {line}: {complaint}", number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn our_commands_are_found_in_shell() {
    let found = |line: &str| {
        let commands = commands(line);
        let ours = commands.iter().filter_map(|words| arguments(words));
        ours.map(|arguments| arguments.join(" ")).collect::<Vec<_>>()
    };
    for (line, expected) in [
        ("doorward keys list   # which", &["keys list"][..]),
        ("sudo -u doorward A=b doorward --config 'a b' check", &["--config a b check"]),
        ("A=1 B=\"x y\" /usr/bin/doorward serve 2>&1 > log | tee x", &["serve"]),
        ("doorward backup \"$to\" && find . -delete; doorward check", &["backup $to", "check"]),
        ("pass show doorward | doorward admin create a@b.c", &["admin create a@b.c"]),
        ("cargo run -q -- users list", &["users list"]),
        ("doorward", &[""]),
        ("docker run doorward keys list", &[]),
        ("kubectl exec doorward-0 -- doorward keys list", &[]),
        ("install -m 0755 doorward /usr/local/bin/", &[]),
        ("# doorward lies", &[]),
    ] {
        assert_eq!(found(line), expected, "{line}");
    }
    for wrong in [&["audit", "--no-such-option"][..], &["keys", "lst"], &["keys", "retire"], &["nothing"]] {
        assert!(complaint(wrong).is_some(), "{wrong:?}");
    }
    for right in [&["--version"][..], &["keys", "retire", "--help"], &["users", "list", "--role", "$role"]] {
        assert!(complaint(right).is_none(), "{right:?}");
    }
    let page = "a\n\n    doorward a \\\n      b\n\n```sh\ndoorward c\n```\n`doorward d`";
    let texts =
        |typed: Vec<Typed>| typed.into_iter().map(|typed| typed.place + &typed.text).collect::<Vec<_>>();
    assert_eq!(texts(typed("p", page)), ["p:3    doorward a       b", "p:7doorward c"]);
    assert_eq!(texts(mentioned("p", page)), ["p:9doorward d"]);
}
