//! The file of profiles.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::Environment;
use crate::{Fault, Key};

/// Names another file.
const FILE_VARIABLE: &str = "TENANTRY_PROFILE_FILE";
/// Bits of a mode that let anybody but the owner in.
const OTHERS: u32 = 0o077;
/// The longest file: some thousand profiles.
const MAX_BYTES: u64 = 1024 * 1024;

/// One server, and the key for it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Where the server is.
    pub url: String,
    /// The bearer key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<Key>,
    /// A file that has the key alone; a relative path begins at the file of profiles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_file: Option<PathBuf>,
    /// Certificates, in PEM, that vouch for the server instead of those that the system trusts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
}

/// The file, which may not be there yet.
#[derive(Debug, Clone)]
pub struct ProfileFile {
    path: PathBuf,
}

impl ProfileFile {
    /// The caller's file: `TENANTRY_PROFILE_FILE`, or else `tenantry/profiles.toml` in the folder of configuration (XDG Base Directory Specification).
    ///
    /// # Errors
    /// When nothing says where it is.
    pub fn of(environment: Environment<'_>) -> Result<Self, Fault> {
        if let Some(path) = environment(FILE_VARIABLE) {
            return Ok(Self { path: path.into() });
        }
        // Relative paths are to be ignored, the specification says.
        let xdg = environment("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let folder = xdg.or_else(|| environment("HOME").map(|home| Path::new(&home).join(".config")));
        let folder =
            folder.ok_or_else(|| Fault::Usage(format!("neither {FILE_VARIABLE}, XDG_CONFIG_HOME nor HOME says where profiles are")))?;
        Ok(Self { path: folder.join("tenantry").join("profiles.toml") })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// All profiles, by name; none where there is no file.
    ///
    /// # Errors
    /// When others could read the file, or it is none of profiles.
    pub fn read(&self) -> Result<BTreeMap<String, Profile>, Fault> {
        let Some(text) = private(&self.path)? else { return Ok(BTreeMap::new()) };
        // The parser's own message would show the line, and the key with it.
        toml::from_str(&text).map_err(|error| {
            let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            Fault::Usage(format!("{}, line {line}: {}", self.path.display(), error.message()))
        })
    }

    /// Adds a profile behind those that are there, or puts it in the place of one. Whole or not at all: a new file takes the old one's place.
    ///
    /// # Errors
    /// When a profile of this name is there and is not to be replaced, or the file cannot be written.
    pub fn put(&self, name: &str, profile: &Profile, replace: bool) -> Result<(), Fault> {
        let mut all = self.read()?;
        let is_new = !all.contains_key(name);
        if !is_new && !replace {
            return Err(Fault::Usage(format!("{} has a profile {name:?}; to put another in its place add --replace", self.path.display())));
        }
        let unwritable = |error: &dyn std::fmt::Display| Fault::Usage(format!("{} cannot be written: {error}", self.path.display()));
        let text = if is_new {
            // What a person wrote stays as it is, with its comments.
            let old = private(&self.path)?.unwrap_or_default();
            let table = BTreeMap::from([(name, profile)]);
            let new = Zeroizing::new(toml::to_string(&table).map_err(|error| unwritable(&error))?);
            let gap = if old.is_empty() || old.ends_with("\n\n") { "" } else { "\n" };
            let end = if old.is_empty() || old.ends_with('\n') { "" } else { "\n" };
            Zeroizing::new([old.as_str(), end, gap, &new].concat())
        } else {
            all.insert(name.to_owned(), profile.clone());
            Zeroizing::new(toml::to_string(&all).map_err(|error| unwritable(&error))?)
        };
        self.write(text.as_bytes()).map_err(|error| unwritable(&error))
    }

    fn write(&self, text: &[u8]) -> io::Result<()> {
        if let Some(folder) = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let new = self.path.with_extension("toml.new");
        // One that a killed command left is of no use; its mode might be another.
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
        file.set_permissions(Permissions::from_mode(0o600))?;
        file.write_all(text)?;
        file.sync_all()?;
        fs::rename(&new, &self.path)
    }

    /// A path that a profile names.
    pub(super) fn beside(&self, path: &Path) -> PathBuf {
        self.path.parent().map_or_else(|| path.to_owned(), |folder| folder.join(path))
    }
}

/// The key in a file of its own.
pub(super) fn key_of(path: &Path) -> Result<Key, Fault> {
    let text = private(path)?.ok_or_else(|| Fault::Usage(format!("the key file {} is not there", path.display())))?;
    Key::new(&text, &path.display().to_string())
}

/// The text of a file that has secrets; `None` where there is none.
fn private(path: &Path) -> Result<Option<Zeroizing<String>>, Fault> {
    let read = || -> io::Result<(u32, Zeroizing<String>)> {
        let file = File::open(path)?;
        let mode = file.metadata()?.permissions().mode();
        let mut text = Zeroizing::new(String::new());
        file.take(MAX_BYTES).read_to_string(&mut text)?;
        Ok((mode, text))
    };
    match read() {
        Ok((mode, _)) if mode & OTHERS != 0 => {
            let mode = mode & 0o777;
            Err(Fault::Usage(format!("{0} can be read by others (mode {mode:03o}), and has a key in it: chmod 600 {0}", path.display())))
        }
        Ok((_, text)) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Fault::of_file(path, &error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(url: &str) -> Profile {
        Profile { url: url.to_owned(), key: Some(Key::new("tnt_live_secret", "a test").unwrap()), key_file: None, ca: None }
    }

    fn file() -> (tempfile::TempDir, ProfileFile) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("below").join("profiles.toml").display().to_string();
        let file = ProfileFile::of(&|name| (name == FILE_VARIABLE).then(|| path.clone())).unwrap();
        (directory, file)
    }

    #[test]
    fn a_profile_is_kept_for_its_owner_alone_and_comments_stay() {
        let (_directory, file) = file();
        assert!(file.read().unwrap().is_empty());
        file.put("default", &profile("http://a.example"), false).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(file.path()), mode(file.path().parent().unwrap())), (0o600, 0o700));
        fs::write(file.path(), ["# mine\n", &fs::read_to_string(file.path()).unwrap()].concat()).unwrap();
        file.put("a b", &profile("http://b.example"), false).unwrap();
        assert!(fs::read_to_string(file.path()).unwrap().starts_with("# mine\n"));
        assert_eq!(file.read().unwrap().keys().collect::<Vec<_>>(), ["a b", "default"]);
        assert!(file.put("a b", &profile("http://c.example"), false).unwrap_err().to_string().contains("--replace"));
        file.put("a b", &profile("http://c.example"), true).unwrap();
        let read = file.read().unwrap();
        assert_eq!((read["a b"].url.as_str(), read["default"].key.as_ref().unwrap().as_str()), ("http://c.example", "tnt_live_secret"));
        assert_eq!(mode(file.path()), 0o600);
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let (_directory, file) = file();
        file.put("default", &profile("http://a.example"), false).unwrap();
        for mode in [0o640, 0o604, 0o601] {
            fs::set_permissions(file.path(), Permissions::from_mode(mode)).unwrap();
            let said = file.read().unwrap_err().to_string();
            assert!(said.contains("chmod 600") && said.contains(&format!("{mode:o}")), "{said}");
            assert!(file.put("other", &profile("http://a.example"), false).is_err());
        }
    }

    #[test]
    fn a_fault_in_the_file_is_told_by_its_line_and_without_the_key() {
        let (_directory, file) = file();
        file.put("default", &profile("http://a.example"), false).unwrap();
        for text in [
            "[default]\nurl = \"http://a.example\"\nkey = \"tnt_live_secret",
            "[default]\nurl = \"http://a.example\"\nkey = \"tnt_live_secret\" kee = 1",
            "[default]\nurl = \"http://a.example\"\nkee = \"tnt_live_secret\"",
        ] {
            fs::write(file.path(), text).unwrap();
            let said = file.read().unwrap_err().to_string();
            assert!(said.contains("line 3") && !said.contains("secret"), "{said}");
        }
    }

    #[test]
    fn the_file_is_where_the_specification_says() {
        let at = |set: &'static [(&str, &str)]| {
            ProfileFile::of(&|name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
                .map(|file| file.path)
        };
        assert_eq!(at(&[("HOME", "/h")]).unwrap(), Path::new("/h/.config/tenantry/profiles.toml"));
        assert_eq!(at(&[("HOME", "/h"), ("XDG_CONFIG_HOME", "/x")]).unwrap(), Path::new("/x/tenantry/profiles.toml"));
        assert_eq!(at(&[("HOME", "/h"), ("XDG_CONFIG_HOME", "x")]).unwrap(), Path::new("/h/.config/tenantry/profiles.toml"));
        assert_eq!(at(&[("HOME", "/h"), (FILE_VARIABLE, "p.toml")]).unwrap(), Path::new("p.toml"));
        assert!(at(&[]).is_err());
    }
}
