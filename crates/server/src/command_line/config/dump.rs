//! What every setting is, as a settings file or as JSON.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use crate::settings::{Origin, Setting, SettingValue, Sourced, Unset, Written, chapters, file_name};

/// A settings file that says the same. A value that only this machine or another setting has decided is a comment, and
/// so is one that stands in a file of its own.
pub(super) fn toml(sourced: &Sourced) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let mut text = format!("# The settings of doorward {version}, each with who says so.\n");
    for chapter in chapters() {
        // Writing to a text cannot fail.
        let _ = write!(text, "\n# {}\n\n", chapter.title);
        for (setting, value) in
            chapter.settings.iter().filter_map(|setting| Some((setting, value(sourced, setting)?)))
        {
            text.push_str(&line(sourced, setting, value));
        }
    }
    text
}

fn line(sourced: &Sourced, setting: &Setting, value: &SettingValue) -> String {
    let name = setting.name;
    match (&value.written, &value.origin) {
        (Some(written), Some(Origin::SecretFile { path, named, .. })) => {
            let path = Written::Text(path.to_string_lossy().into_owned()).toml();
            let (key, held) = (file_name(name), written.toml());
            format!("{key} = {path}  # {}; it holds {}\n", comment(named), in_comment(&held))
        }
        (Some(written), Some(origin)) => format!("{name} = {}  # {}\n", written.toml(), comment(origin)),
        (Some(written), None) => format!("{name} = {}  # the default\n", written.toml()),
        (None, _) => {
            let Unset::Means(meaning) = setting.unset else { return String::new() };
            match sourced.settings.derived(name) {
                Some(written) => {
                    format!("# {name} = {}  # the default: {meaning}\n", in_comment(&written.toml()))
                }
                None => format!("# {name} is not set; the default: {meaning}\n"),
            }
        }
    }
}

fn comment(origin: &Origin) -> String {
    in_comment(&origin.to_string())
}

/// A comment ends with its line, and a path may have a line break in it.
fn in_comment(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
}

/// An object with a member for each setting: what it is, and who says so.
pub(super) fn json(sourced: &Sourced) -> String {
    let settings = chapters().into_iter().flat_map(|chapter| chapter.settings);
    let members = settings.filter_map(|setting| {
        let value = value(sourced, &setting)?;
        let written = value.written.clone().or_else(|| sourced.settings.derived(setting.name));
        let mut member = Map::new();
        member.insert("value".to_owned(), written.map_or(Value::Null, |written| written.json()));
        match &value.origin {
            Some(origin) => member.extend(members_of(origin)),
            None => member.extend([("source".to_owned(), json!("default"))]),
        }
        Some((setting.name.to_owned(), Value::Object(member)))
    });
    format!("{:#}\n", Value::Object(members.collect()))
}

fn members_of(origin: &Origin) -> Vec<(String, Value)> {
    let (source, from) = match origin {
        Origin::Environment(variable) => ("environment", variable.clone()),
        Origin::CommandLine(option) => ("command line", option.clone()),
        Origin::File(path) => ("file", path.to_string_lossy().into_owned()),
        Origin::SecretFile { path, named, .. } => {
            let mut members = members_of(named);
            members.push(("secret_file".to_owned(), json!(path.to_string_lossy())));
            return members;
        }
    };
    vec![("source".to_owned(), json!(source)), ("from".to_owned(), json!(from))]
}

fn value<'a>(sourced: &'a Sourced, setting: &Setting) -> Option<&'a SettingValue> {
    sourced.values.iter().find(|value| value.name == setting.name)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::settings::{Flags, Purpose, Settings};

    fn sourced(pairs: &[(&str, &str)]) -> Sourced {
        let variables = pairs.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
        Settings::sourced(&Flags::default(), variables, Purpose::Serving).unwrap()
    }

    /// The settings that a dump means when it is read again.
    fn read_again(text: &str) -> Result<Settings, String> {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("dump.toml");
        fs::write(&file, text).unwrap();
        let variables = [(OsString::from("DOORWARD_CONFIG"), file.into_os_string())];
        Settings::from_sources(&Flags::default(), variables).map_err(|faults| faults.to_string())
    }

    const SOME: &[(&str, &str)] = &[
        ("DOORWARD_BIND", "[::1]:9000"),
        ("DOORWARD_DATA_DIR", "/srv/\"door\"\nward = 1"),
        ("DOORWARD_MAX_SESSIONS", "07"),
        ("DOORWARD_ACCESS_TTL", "1h 30m"),
        ("DOORWARD_THROTTLE_REFRESH", "off"),
        ("DOORWARD_THROTTLE_LOGIN_GUESSES", "5 per 1m,10 per 1h"),
        ("DOORWARD_CORS_ORIGINS", "https://b.example, https://a.example"),
        ("DOORWARD_REDIS_URL", "redis://127.0.0.1:7"),
        ("DOORWARD_WORKERS", "3"),
    ];

    #[test]
    fn what_is_dumped_means_the_same_when_it_is_read_again() {
        for pairs in [&[][..], SOME] {
            let before = sourced(pairs);
            let dumped = toml(&before);
            let after = read_again(&dumped).unwrap_or_else(|faults| panic!("{faults}\n{dumped}"));
            assert_eq!(format!("{after:?}"), format!("{:?}", before.settings), "{dumped}");
        }
    }

    #[test]
    fn every_setting_is_dumped_with_who_says_so() {
        let sourced = sourced(SOME);
        let dumped = toml(&sourced);
        for line in [
            "bind = \"[::1]:9000\"  # from DOORWARD_BIND\n",
            "access_ttl = \"1h 30m\"  # from DOORWARD_ACCESS_TTL\n",
            "max_sessions = 7  # from DOORWARD_MAX_SESSIONS\n",
            "refresh_ttl = \"30days\"  # the default\n",
            "# redis_documents_url = \"redis://127.0.0.1:7/1\"  # the default: database 1 beside",
            "# redis_ca_file is not set; the default: those that this machine trusts\n",
        ] {
            assert!(dumped.contains(line), "{line:?} is not in:\n{dumped}");
        }
        let json: Value = serde_json::from_str(&json(&sourced)).unwrap();
        let members = json.as_object().unwrap();
        let settings: Vec<_> = chapters().into_iter().flat_map(|chapter| chapter.settings).collect();
        assert_eq!(members.len(), settings.len());
        for setting in settings {
            assert!(members[setting.name]["source"].is_string(), "{}", setting.name);
            assert!(dumped.contains(setting.name), "{}", setting.name);
        }
        assert_eq!(
            json["workers"],
            json!({ "value": 3, "source": "environment", "from": "DOORWARD_WORKERS" })
        );
        assert_eq!(json["throttle_login_guesses"]["value"], json!(["5 per 1m", "10 per 1h"]));
        assert_eq!(json["docs"], json!({ "value": true, "source": "default" }));
        assert_eq!(json["redis_ca_file"], json!({ "value": null, "source": "default" }));
    }

    #[test]
    fn cfg_01_a_dump_has_no_secret_and_is_not_taken_for_the_settings() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("url");
        fs::write(&file, "rediss://ada:sesame@cache\n").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        let sourced = sourced(&[
            ("DOORWARD_DATABASE_URL", "postgresql://ada:sesame@db/doorward"),
            ("DOORWARD_REDIS_URL_FILE", file.to_str().unwrap()),
        ]);
        let dumped = toml(&sourced);
        assert!(!dumped.contains("sesame") && !json(&sourced).contains("sesame"), "{dumped}");
        assert!(
            dumped.contains("database_url = \"postgresql://ada:[redacted]@db/doorward\"  # from"),
            "{dumped}"
        );
        let line = format!(
            "redis_url_file = {file:?}  # from DOORWARD_REDIS_URL_FILE; it holds \"rediss://ada:[red"
        );
        assert!(dumped.contains(&line), "{dumped}");
        let refused = read_again(&dumped).unwrap_err();
        assert!(refused.starts_with("a setting is wrong:"), "{refused}");
        assert!(
            refused.contains("database_url") && refused.contains("copied without its secrets"),
            "{refused}"
        );
        let json: Value = serde_json::from_str(&json(&sourced)).unwrap();
        assert_eq!(json["redis_url"]["secret_file"], json!(file.to_str().unwrap()));
    }
}
