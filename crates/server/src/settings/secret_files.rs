//! Values that are secrets can stand in files of their own, as orchestrators mount them: `database_url_file` for
//! `database_url`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::fault::Fault;
use super::given::{Given, Origin, Raw};
use super::table::chapters;
use crate::password_file;

/// The name under which a file is given that holds the value of a setting.
pub(crate) fn file_name(setting: &str) -> String {
    format!("{setting}_file")
}

/// Puts the content of each named file in the place of its name; answers what is wrong.
pub(super) fn read(given: &mut BTreeMap<String, Given>) -> Vec<Fault> {
    let settings = chapters().into_iter().flat_map(|chapter| chapter.settings);
    settings
        .filter(|setting| setting.is_secret)
        .filter_map(|setting| read_one(given, setting.name, &file_name(setting.name)).err())
        .collect()
}

fn read_one(given: &mut BTreeMap<String, Given>, name: &str, key: &str) -> Result<(), Fault> {
    let Some(named) = given.remove(key) else { return Ok(()) };
    match given.get(name).map(|value| (value, value.origin.rank().cmp(&named.origin.rank()))) {
        // What is stronger wins, as everywhere.
        Some((_, std::cmp::Ordering::Greater)) => return Ok(()),
        Some((value, std::cmp::Ordering::Equal)) => {
            let both = format!("{} and {}", value.shown(name, false), named.shown(key, false));
            return Err(Fault::new(&both, "cannot both be given"));
        }
        Some((_, std::cmp::Ordering::Less)) | None => {}
    }
    let path = match &named.raw {
        Raw::Text(path) if !path.is_empty() => PathBuf::from(path),
        _ => return Err(Fault::new(&named.shown(key, false), "must be a path")),
    };
    if password_file::may_be_a_value(&path) {
        return Err(Fault::new(&named.shown(key, false), "must be a path, and not the value itself"));
    }
    let text = password_file::read_private(&path)
        .map_err(|error| Fault::new(&named.shown(key, true), format!("cannot be used: {error}")))?;
    let origin = Origin::SecretFile { path, key: key.to_owned(), named: Box::new(named.origin) };
    given.insert(name.to_owned(), Given { raw: Raw::Text((*text).clone()), origin });
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use tempfile::TempDir;

    use super::*;
    use crate::settings::{Flags, Settings};

    const URL: &str = "rediss://:open-sesame@cache.example/0";

    fn settings(variables: &[(&str, &Path)]) -> Result<Settings, String> {
        let variables =
            variables.iter().map(|(name, path)| (OsString::from(name), path.as_os_str().to_owned()));
        Settings::from_sources(&Flags::default(), variables).map_err(|faults| faults.to_string())
    }

    fn file(directory: &TempDir, name: &str, content: &str, mode: u32) -> PathBuf {
        let path = directory.path().join(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    #[test]
    fn every_secret_can_stand_in_a_file_and_no_name_is_taken_twice() {
        let rows: Vec<_> = chapters().into_iter().flat_map(|chapter| chapter.settings).collect();
        let secrets: Vec<_> = rows.iter().filter(|row| row.is_secret).map(|row| row.name).collect();
        for known in ["database_url", "redis_url", "redis_documents_url"] {
            assert!(secrets.contains(&known), "{known} is no secret");
        }
        for secret in secrets {
            assert!(rows.iter().all(|row| row.name != file_name(secret)), "{secret}");
        }
    }

    #[test]
    fn a_value_comes_from_a_file_that_the_environment_or_the_settings_file_names() {
        let directory = tempfile::tempdir().unwrap();
        let url = file(&directory, "url", &format!("{URL}\n"), 0o400);
        let from_environment = settings(&[("DOORWARD_REDIS_URL_FILE", &url)]).unwrap();
        assert_eq!(from_environment.redis().unwrap().url.to_string(), "rediss://cache.example:6379/0");
        let named = format!("redis_url_file = {url:?}");
        let config = file(&directory, "doorward.toml", &named, 0o644);
        let from_file = settings(&[("DOORWARD_CONFIG", &config)]).unwrap();
        assert_eq!(from_file.redis().unwrap().url.to_string(), "rediss://cache.example:6379/0");
        let other = file(&directory, "other", "rediss://:p@other.example", 0o600);
        let stronger = [("DOORWARD_CONFIG", config.as_path()), ("DOORWARD_REDIS_URL_FILE", &other)];
        assert_eq!(
            settings(&stronger).unwrap().redis().unwrap().url.to_string(),
            "rediss://other.example:6379/0"
        );
        let stronger =
            [("DOORWARD_CONFIG", config.as_path()), ("DOORWARD_REDIS_URL", Path::new("redis://[::1]"))];
        assert_eq!(settings(&stronger).unwrap().redis().unwrap().url.to_string(), "redis://[::1]:6379/0");
    }

    #[test]
    fn cfg_01_a_file_that_will_not_do_is_named_and_nothing_of_it_is_repeated() {
        let directory = tempfile::tempdir().unwrap();
        let wrong = URL.replace("cache.example", "cache.example:port");
        for (content, mode, problem) in [
            (URL, 0o644, "it has mode 0644, which lets others in; it must be 0600"),
            (URL, 0o640, "it has mode 0640"),
            ("", 0o600, "it is empty"),
            ("\n", 0o600, "it is empty"),
            ("a\0open-sesame", 0o600, "must not contain a zero byte"),
            (&wrong, 0o600, "cannot be used: the port of host number 1"),
            ("open-sesame", 0o600, "must be redis://:password@host:6379/0"),
            ("rediss://:open-sesame@a\nrediss://:open-sesame@b", 0o600, "cannot be used"),
        ] {
            let path = file(&directory, "url", content, mode);
            let told = settings(&[("DOORWARD_REDIS_URL_FILE", &path)]).unwrap_err();
            assert!(
                told.starts_with("a setting is wrong:") && told.contains(problem),
                "{problem:?} is not:\n{told}"
            );
            assert!(
                told.contains(path.to_str().unwrap()) && told.contains("DOORWARD_REDIS_URL_FILE"),
                "{told}"
            );
            assert!(!told.contains("sesame"), "{told}");
            fs::remove_file(path).unwrap();
        }
        let told = settings(&[("DOORWARD_REDIS_URL_FILE", Path::new("/nowhere/url"))]).unwrap_err();
        assert!(told.contains("redis_url_file = \"/nowhere/url\" (from DOORWARD_REDIS_URL_FILE)"), "{told}");
        assert!(told.contains("cannot be used: No such file"), "{told}");
        let told = settings(&[("DOORWARD_REDIS_URL_FILE", Path::new(""))]).unwrap_err();
        assert!(told.contains("must be a path"), "{told}");
        for value in [URL, "open-sesame", "authorization=Basic open-sesame"] {
            let told = settings(&[("DOORWARD_REDIS_URL_FILE", Path::new(value))]).unwrap_err();
            let expected =
                "redis_url_file (from DOORWARD_REDIS_URL_FILE) must be a path, and not the value itself";
            assert!(told.contains(expected) && !told.contains("sesame"), "{told}");
        }
    }

    #[test]
    fn a_value_says_which_file_it_came_from() {
        let directory = tempfile::tempdir().unwrap();
        let path = file(&directory, "url", "postgresql://ada:open-sesame@db/d?sslmode=require", 0o600);
        let told = settings(&[("DOORWARD_DATABASE_URL_FILE", &path)]).unwrap_err();
        let shown = path.display();
        let from = format!(
            "database_url (from the file {shown} named by DOORWARD_DATABASE_URL_FILE) cannot be used"
        );
        assert!(told.contains(&from) && !told.contains("sesame"), "{told}");
        let config = file(&directory, "doorward.toml", &format!("database_url_file = {path:?}"), 0o644);
        let told = settings(&[("DOORWARD_CONFIG", &config)]).unwrap_err();
        let from = format!("(from the file {shown} named by database_url_file in {})", config.display());
        assert!(told.contains(&from) && !told.contains("sesame"), "{told}");
    }

    #[test]
    fn a_value_and_its_file_in_one_place_are_one_too_many() {
        let directory = tempfile::tempdir().unwrap();
        let path = file(&directory, "url", URL, 0o600);
        let both = [("DOORWARD_REDIS_URL", Path::new(URL)), ("DOORWARD_REDIS_URL_FILE", &path)];
        let told = settings(&both).unwrap_err();
        let fault = "redis_url (from DOORWARD_REDIS_URL) and redis_url_file (from DOORWARD_REDIS_URL_FILE) cannot both";
        assert!(told.starts_with("a setting is wrong:") && told.contains(fault), "{told}");
        assert!(!told.contains("sesame"), "{told}");
    }

    #[test]
    fn what_is_no_secret_has_no_file_and_a_misspelt_one_is_noticed() {
        let told = settings(&[("DOORWARD_ISSUER_FILE", Path::new("/nowhere"))]).unwrap_err();
        assert!(told.contains("DOORWARD_ISSUER_FILE is no setting"), "{told}");
        let told = settings(&[("DOORWARD_REDIS_URL_FIEL", Path::new("/nowhere"))]).unwrap_err();
        assert!(told.contains("did you mean DOORWARD_REDIS_URL_FILE?"), "{told}");
    }
}
