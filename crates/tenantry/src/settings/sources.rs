//! Where values come from.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use super::SETTINGS;

/// The settings file that is read when none is named.
const FILE: &str = "tenantry.toml";
/// What the names of settings begin with in the environment.
const PREFIX: &str = "TENANTRY_";

/// A setting that cannot be used.
#[derive(Debug)]
pub struct SettingsFault(String);

impl fmt::Display for SettingsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SettingsFault {}

/// The value of each setting, and where it stands.
pub(super) struct Values(BTreeMap<&'static str, (String, String)>);

impl Values {
    /// Collects the values, later sources winning.
    pub(super) fn collect(
        file: Option<&Path>,
        environment: impl Iterator<Item = (OsString, OsString)>,
        flags: &[(&'static str, Option<String>)],
    ) -> Result<Self, SettingsFault> {
        let mut values = Self(SETTINGS.iter().map(|setting| (setting.name, (setting.default.to_owned(), "default".to_owned()))).collect());
        values.read_file(file)?;
        for (name, value) in environment {
            let Some(name) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)) else { continue };
            let place = [PREFIX, name].concat();
            // Others use the prefix too: a client's TENANTRY_URL is no setting of the server.
            if let Some(setting) = known(&name.to_ascii_lowercase()) {
                let value = value.into_string().map_err(|_| SettingsFault(format!("{place}: this is not UTF-8")))?;
                values.0.insert(setting, (value, place));
            }
        }
        for (name, value) in flags {
            if let Some(value) = value {
                values.0.insert(name, (value.clone(), ["--", &name.replace('_', "-")].concat()));
            }
        }
        Ok(values)
    }

    fn read_file(&mut self, file: Option<&Path>) -> Result<(), SettingsFault> {
        let path = file.unwrap_or(Path::new(FILE));
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if file.is_none() && error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(SettingsFault(format!("{} cannot be read: {error}", path.display()))),
        };
        let table: toml::Table = text.parse().map_err(|error| SettingsFault(format!("{}: {error}", path.display())))?;
        for (name, value) in table {
            let place = format!("{}: {name}", path.display());
            let Some(setting) = known(&name) else {
                let names: Vec<&str> = SETTINGS.iter().map(|setting| setting.name).collect();
                return Err(SettingsFault(format!("{place} is no setting; there are {}", names.join(", "))));
            };
            let text = plain(&value)
                .ok_or_else(|| SettingsFault(format!("{place} must be a text, a number, true or false, or a list of texts")))?;
            self.0.insert(setting, (text, place));
        }
        Ok(())
    }

    pub(super) fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |(value, _)| value.as_str())
    }

    pub(super) fn parse<T: FromStr>(&self, name: &'static str, expected: &str) -> Result<T, SettingsFault> {
        self.text(name).parse().map_err(|_| self.fault(name, expected))
    }

    pub(super) fn parse_opt<T: FromStr>(&self, name: &'static str, expected: &str) -> Result<Option<T>, SettingsFault> {
        if self.text(name).is_empty() { Ok(None) } else { self.parse(name, expected).map(Some) }
    }

    /// The fault of a setting, with its value and place.
    pub(super) fn fault(&self, name: &'static str, expected: &str) -> SettingsFault {
        let (value, place) = self.0.get(name).map_or(("", name), |(value, place)| (value, place));
        SettingsFault(format!("setting {name} (from {place}): {value:?} will not do; it must be {expected}"))
    }

    /// The fault of a setting that may hold a secret: its value is not told.
    pub(super) fn secret_fault(&self, name: &'static str, why: &str) -> SettingsFault {
        let place = self.0.get(name).map_or(name, |(_, place)| place);
        SettingsFault(format!(
            "setting {name} (from {place}) will not do: {why}; it must be such as postgres://user:password@host/database"
        ))
    }
}

fn known(name: &str) -> Option<&'static str> {
    SETTINGS.iter().map(|setting| setting.name).find(|known| *known == name)
}

fn plain(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(on) => Some(on.to_string()),
        toml::Value::Array(items) => items.iter().map(|item| item.as_str()).collect::<Option<Vec<_>>>().map(|items| items.join(",")),
        toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Table(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collect(toml: &str, environment: &[(&str, &str)], flags: &[(&'static str, Option<String>)]) -> Result<Values, SettingsFault> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(FILE);
        std::fs::write(&path, toml).unwrap();
        Values::collect(Some(&path), environment.iter().map(|(name, value)| (name.into(), value.into())), flags)
    }

    #[test]
    fn later_sources_win() {
        let toml = "listen = \"127.0.0.1:1\"\nlog_level = \"warn\"\nhashing_queue = 7\ntrusted_proxies = [\"10.0.0.0/8\", \"127.0.0.1\"]";
        let environment = [("TENANTRY_LISTEN", "127.0.0.1:2"), ("TENANTRY_LOG_LEVEL", "debug"), ("TENANTRY_URL", "x")];
        let values = collect(toml, &environment, &[("listen", Some("127.0.0.1:3".to_owned())), ("data", None)]).unwrap();
        assert_eq!(["listen", "log_level", "hashing_queue", "data"].map(|name| values.text(name)), ["127.0.0.1:3", "debug", "7", "./data"]);
        assert_eq!(values.text("trusted_proxies"), "10.0.0.0/8,127.0.0.1");
    }

    #[test]
    fn a_faulty_one_is_named() {
        let unknown = collect("lisen = 1", &[], &[]).err().unwrap().to_string();
        assert!(unknown.contains("lisen") && unknown.contains("listen"), "{unknown}");
        let values = collect("", &[("TENANTRY_HASHING_QUEUE", "many")], &[]).unwrap();
        let faulty = values.parse::<usize>("hashing_queue", "a number").unwrap_err().to_string();
        assert!(faulty.contains("hashing_queue") && faulty.contains("TENANTRY_HASHING_QUEUE") && faulty.contains("many"), "{faulty}");
        assert!(collect("listen = 1.5", &[], &[]).is_err());
    }
}
