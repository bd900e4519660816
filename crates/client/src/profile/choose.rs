//! Which server is called, and by which key: of flags, environment and profiles.

use std::path::PathBuf;

use url::Url;

use super::file::key_of;
use super::{Profile, ProfileFile};
use crate::{Fault, Key};

/// The profile that is taken when none is named.
pub const DEFAULT: &str = "default";

/// Looks a variable of the environment up; one that is empty counts as none.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What the command line says.
#[derive(Debug, Clone, Default)]
pub struct Chosen {
    /// `--profile`.
    pub profile: Option<String>,
    /// `--url`.
    pub url: Option<String>,
}

/// A server, and how to call it.
#[derive(Debug, Clone)]
pub struct Target {
    /// Where it is.
    pub url: Url,
    /// The key.
    pub key: Key,
    /// Certificates that vouch for it instead of the system's.
    pub ca: Option<PathBuf>,
}

impl Target {
    /// The server that is meant: the flags win over `TENANTRY_PROFILE`, `TENANTRY_URL` and `TENANTRY_KEY`, and these over the profile.
    ///
    /// # Errors
    /// When something is missing or will not do; the message says how to give it.
    pub fn choose(chosen: &Chosen, environment: Environment<'_>) -> Result<Self, Fault> {
        let named = chosen.profile.clone().or_else(|| environment("TENANTRY_PROFILE"));
        let url = chosen.url.clone().or_else(|| environment("TENANTRY_URL"));
        let url = url.as_deref().map(check_url).transpose()?;
        let key = environment("TENANTRY_KEY").map(|key| Key::new(&key, "TENANTRY_KEY")).transpose()?;
        // With both given, no file needs to be there, nor be in order, unless one is named.
        if let (Some(url), Some(key), None) = (&url, &key, &named) {
            return Ok(Self { url: url.clone(), key: key.clone(), ca: None });
        }
        let file = ProfileFile::of(environment)?;
        let profile = find(&file, named.as_deref())?;
        let own = check_url(&profile.url).map_err(|fault| Fault::Usage(format!("{}: {fault}", file.path().display())))?;
        if let (Some(url), None) = (&url, &key)
            && url.origin() != own.origin()
        {
            // A key that goes where its profile does not say may be on its way to a stranger.
            return Err(Fault::Usage(format!(
                "the profile's key is for {own}, and is not sent to {url}; give TENANTRY_KEY, or a profile of that server"
            )));
        }
        let key = match key {
            Some(key) => key,
            None => key_in(&file, &profile)?,
        };
        Ok(Self { url: url.unwrap_or(own), key, ca: profile.ca.as_deref().map(|path| file.beside(path)) })
    }

    /// The server of a profile.
    ///
    /// # Errors
    /// When the URL, the key or its file will not do.
    pub fn of(file: &ProfileFile, profile: &Profile) -> Result<Self, Fault> {
        Ok(Self { url: check_url(&profile.url)?, key: key_in(file, profile)?, ca: profile.ca.as_deref().map(|path| file.beside(path)) })
    }
}

fn find(file: &ProfileFile, named: Option<&str>) -> Result<Profile, Fault> {
    let mut all = file.read()?;
    let name = named.unwrap_or(DEFAULT);
    if let Some(profile) = all.remove(name) {
        return Ok(profile);
    }
    let there: Vec<&str> = all.keys().map(String::as_str).collect();
    let there = if there.is_empty() { "there is none yet".to_owned() } else { format!("there are: {}", there.join(", ")) };
    Err(Fault::Usage(format!(
        "{} has no profile {name:?}; {there}. Make one: tenantry profile add {} --url URL. Or give --url and TENANTRY_KEY",
        file.path().display(),
        if name.contains(|character: char| !character.is_ascii_alphanumeric()) { "NAME" } else { name },
    )))
}

fn key_in(file: &ProfileFile, profile: &Profile) -> Result<Key, Fault> {
    let place = file.path().display().to_string();
    match (&profile.key, &profile.key_file) {
        (Some(key), None) => Key::new(key.as_str(), &place),
        (None, Some(path)) => key_of(&file.beside(path)),
        (Some(_), Some(_)) => Err(Fault::Usage(format!("{place}: a profile has key or key_file, not both"))),
        (None, None) => Err(Fault::Usage(format!("{place}: the profile has neither key nor key_file"))),
    }
}

/// Reads the URL of a server. A path before `/v1` is kept, for those behind a proxy.
///
/// # Errors
/// When it is none, or has what does not belong into it.
pub fn check_url(text: &str) -> Result<Url, Fault> {
    let example = "it must be such as https://accounts.example.org";
    let url = Url::parse(text).map_err(|error| Fault::Usage(format!("the URL will not do: {error}; {example}")))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(Fault::Usage(format!("the URL will not do: it begins with neither http:// nor https://; {example}")));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Fault::Usage(
            "a URL may not have a key or password in it: the key belongs into the profile, or TENANTRY_KEY".to_owned(),
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Fault::Usage(format!("the URL of a server ends before ? and #; {example}")));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is chosen with a file of these profiles.
    fn choose(toml: &str, profile: Option<&str>, url: Option<&str>, set: &[(&str, &str)]) -> Result<Target, Fault> {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("profiles.toml");
        for (path, text) in [(&path, toml), (&directory.path().join("key"), "of_file\n")] {
            std::fs::write(path, text).unwrap();
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        let environment = |name: &str| match name {
            "TENANTRY_PROFILE_FILE" => Some(path.display().to_string()),
            _ => set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()),
        };
        Target::choose(&Chosen { profile: profile.map(str::to_owned), url: url.map(str::to_owned) }, &environment)
    }

    const TWO: &str =
        "[default]\nurl = \"https://a.example\"\nkey = \"of_a\"\nca = \"ca.pem\"\n[b]\nurl = \"https://b.example/x\"\nkey_file = \"key\"";

    fn told(target: Result<Target, Fault>) -> (String, String) {
        let target = target.unwrap();
        (target.url.to_string(), target.key.as_str().to_owned())
    }

    fn both(url: &str, key: &str) -> (String, String) {
        (url.to_owned(), key.to_owned())
    }

    #[test]
    fn flags_win_over_the_environment_and_that_over_the_profile() {
        assert_eq!(told(choose(TWO, None, None, &[])), both("https://a.example/", "of_a"));
        assert!(choose(TWO, None, None, &[]).unwrap().ca.unwrap().is_absolute());
        assert_eq!(told(choose(TWO, None, None, &[("TENANTRY_PROFILE", "b")])), both("https://b.example/x", "of_file"));
        assert_eq!(told(choose(TWO, Some("default"), None, &[("TENANTRY_PROFILE", "b")])), both("https://a.example/", "of_a"));
        assert_eq!(told(choose(TWO, None, None, &[("TENANTRY_KEY", "own")])), both("https://a.example/", "own"));
        assert_eq!(
            told(choose("", None, Some("http://c.example"), &[("TENANTRY_URL", "http://d.example"), ("TENANTRY_KEY", "own")])),
            both("http://c.example/", "own")
        );
    }

    #[test]
    fn a_key_goes_to_its_own_server_only() {
        let said = choose(TWO, None, Some("https://stranger.example"), &[]).unwrap_err().to_string();
        assert!(said.contains("is not sent to https://stranger.example") && !said.contains("of_a"), "{said}");
        assert!(choose(TWO, None, Some("http://a.example"), &[]).is_err(), "nor in plain text");
        assert_eq!(told(choose(TWO, None, Some("https://a.example/y"), &[])), both("https://a.example/y", "of_a"));
    }

    #[test]
    fn what_is_missing_is_said() {
        for (toml, profile, url, expected) in [
            ("", None, None, "profile add default --url"),
            (TWO, Some("c"), None, "there are: b, default"),
            ("[default]\nurl = \"https://a.example\"", None, None, "neither key nor key_file"),
            ("[default]\nurl = \"https://a.example\"\nkey = \"x\"\nkey_file = \"y\"", None, None, "not both"),
            ("[default]\nurl = \"https://a.example\"\nkey_file = \"y\"", None, None, "is not there"),
            ("[default]\nurl = \"a.example\"\nkey = \"x\"", None, None, "profiles.toml: the URL will not do"),
            (TWO, None, Some("ftp://a.example"), "neither http://"),
            (TWO, None, Some("https://me:secret@a.example"), "may not have a key"),
            (TWO, None, Some("https://a.example/?x"), "before ?"),
        ] {
            let fault = choose(toml, profile, url, &[]).unwrap_err();
            assert_eq!(fault.exit_code(), 2);
            assert!(fault.to_string().contains(expected) && !fault.to_string().contains("secret"), "{fault}");
        }
    }
}
