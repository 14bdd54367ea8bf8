//! The types of settings: how a value is read and how it is written.
//!
//! What the reference accepts is accepted: any word is a boolean (false, unless it says yes), and
//! numbers have a sign. What then makes no sense is put right, with a remark for the operator.

use std::fmt;
use std::net::IpAddr;

use log::LevelFilter;
use nix::unistd::User;

/// The field of a setting, to be set or shown.
#[derive(Debug)]
pub enum Field<'a> {
    Addresses(&'a mut Vec<IpAddr>),
    Bool(&'a mut bool),
    /// A number of things; less than none is none.
    Count(&'a mut u32),
    Encoder(&'a mut Encoder),
    Level(&'a mut Level),
    Octal(&'a mut u32),
    Port(&'a mut u16),
    Real(&'a mut f64),
    RoutesFormat(&'a mut RoutesFormat),
    Text(&'a mut String),
    /// The name of a user of this system.
    User(&'a mut String),
    Version(&'a mut ApiVersion),
}

/// What was remarkable about a value that was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remark {
    /// The word is neither a yes nor a no, and was taken for a no.
    NeitherYesNorNo,
    /// The number was outside of what makes sense, and was moved to the nearest that does.
    OutOfRange,
}

/// What would have been a value of the type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected(pub &'static str);

impl Field<'_> {
    /// Sets the field to what `text` says; surrounding space and quotes do not count.
    ///
    /// # Errors
    /// What would have been a value of this type.
    pub fn set(self, text: &str) -> Result<Option<Remark>, Expected> {
        let text = unquote(text);
        if matches!(self, Self::User(_)) && !matches!(User::from_name(text), Ok(Some(_))) {
            return Err(Expected("a user of this system"));
        }
        self.assign(text)
    }

    /// Sets the field to its default, whether or not it suits this system.
    ///
    /// # Errors
    /// What would have been a value of this type.
    pub fn set_default(self, text: &str) -> Result<(), Expected> {
        self.assign(text).map(|_| ())
    }

    fn assign(self, text: &str) -> Result<Option<Remark>, Expected> {
        match self {
            Self::Addresses(field) => *field = addresses(text)?,
            Self::Bool(field) => return Ok(boolean(field, text)),
            Self::Count(field) => return count(field, text),
            Self::Encoder(field) => *field = Encoder::parse(text)?,
            Self::Level(field) => *field = Level::parse(text)?,
            Self::Octal(field) => *field = octal(text)?,
            Self::Port(field) => {
                *field = text.parse().map_err(|_| Expected("a port, 0 to 65535"))?;
            }
            Self::Real(field) => *field = real(text)?,
            Self::RoutesFormat(field) => *field = RoutesFormat::parse(text)?,
            Self::Text(field) | Self::User(field) => text.clone_into(field),
            Self::Version(field) => *field = ApiVersion::parse(text)?,
        }
        Ok(None)
    }

    /// Whether the value is shown in quotes.
    pub const fn is_quoted(&self) -> bool {
        matches!(self, Self::Addresses(_) | Self::Octal(_) | Self::Text(_) | Self::User(_))
    }
}

impl fmt::Display for Field<'_> {
    /// The value, without quotes.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Addresses(value) => {
                for (index, address) in value.iter().enumerate() {
                    let separator = if index == 0 { "" } else { " " };
                    write!(out, "{separator}{address}")?;
                }
                Ok(())
            }
            Self::Bool(value) => write!(out, "{value}"),
            Self::Count(value) => write!(out, "{value}"),
            Self::Encoder(value) => write!(out, "{value}"),
            Self::Level(value) => write!(out, "{value}"),
            Self::Octal(value) => write!(out, "{value:#o}"),
            Self::Port(value) => write!(out, "{value}"),
            Self::Real(value) => write!(out, "{value:?}"),
            Self::RoutesFormat(value) => write!(out, "{value}"),
            Self::Text(value) | Self::User(value) => out.write_str(value),
            Self::Version(value) => write!(out, "{value}"),
        }
    }
}

/// An enum whose values have one name each, read in any case.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $expected:literal, $($(#[$note:meta])* $value:ident = $word:literal),+) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
        pub enum $name { $($(#[$note])* $value),+ }

        impl $name {
            fn parse(text: &str) -> Result<Self, Expected> {
                $(if text.eq_ignore_ascii_case($word) { return Ok(Self::$value); })+
                Err(Expected($expected))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(match self { $(Self::$value => $word),+ })
            }
        }
    };
}

words!(
    /// What helpers are told by default.
    Encoder, "text or json",
    #[default] Json = "json", Text = "text"
);

words!(
    /// The least severe lines that are logged.
    Level, "FATAL, CRITICAL, ERROR, WARNING, INFO, DEBUG or NOTSET",
    Fatal = "FATAL", Critical = "CRITICAL", Error = "ERROR", Warning = "WARNING",
    #[default] Info = "INFO", Debug = "DEBUG", NotSet = "NOTSET"
);

words!(
    /// The form of the JSON of `show adj-rib`.
    RoutesFormat, "v1 or v2",
    #[default] V1 = "v1", V2 = "v2"
);

words!(
    /// The dialect of what is told to helpers: that of ExaBGP 4 and 5, or that of 6.
    ApiVersion, "4 or 6",
    #[default] Four = "4", Six = "6"
);

impl Level {
    /// The same in the words of `log`, which knows nothing above an error.
    pub const fn filter(self) -> LevelFilter {
        match self {
            Self::Fatal | Self::Critical | Self::Error => LevelFilter::Error,
            Self::Warning => LevelFilter::Warn,
            Self::Info => LevelFilter::Info,
            Self::Debug => LevelFilter::Debug,
            Self::NotSet => LevelFilter::Trace,
        }
    }
}

/// The value without the space and the quotes around it.
pub fn unquote(text: &str) -> &str {
    text.trim().trim_matches(['\'', '"'])
}

fn boolean(field: &mut bool, text: &str) -> Option<Remark> {
    const YES: [&str; 6] = ["1", "yes", "on", "enable", "enabled", "true"];
    const NO: [&str; 7] = ["0", "no", "off", "disable", "disabled", "false", ""];
    let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    *field = is(&YES);
    (!*field && !is(&NO)).then_some(Remark::NeitherYesNorNo)
}

fn count(field: &mut u32, text: &str) -> Result<Option<Remark>, Expected> {
    let number: i64 = text.trim().parse().map_err(|_| Expected("a whole number"))?;
    let near = number.clamp(0, i64::from(u32::MAX));
    *field = u32::try_from(near).unwrap_or(u32::MAX);
    Ok((near != number).then_some(Remark::OutOfRange))
}

fn octal(text: &str) -> Result<u32, Expected> {
    let digits = text.strip_prefix("0o").or_else(|| text.strip_prefix("0O")).unwrap_or(text);
    let value = u32::from_str_radix(digits, 8).ok().filter(|value| *value <= 0o777);
    value.ok_or(Expected("an octal number, 0 to 0o777"))
}

fn real(text: &str) -> Result<f64, Expected> {
    let number: f64 = text.parse().map_err(|_| Expected("a number"))?;
    if number.is_finite() { Ok(number) } else { Err(Expected("a number")) }
}

fn addresses(text: &str) -> Result<Vec<IpAddr>, Expected> {
    let address = |word: &str| word.parse().map_err(|_| Expected("addresses separated by spaces"));
    text.split_whitespace().map(address).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn booleans_say_yes_or_are_false() {
        let check = |text, expected: bool, remark| {
            let mut value = !expected;
            assert_eq!(Field::Bool(&mut value).set(text), Ok(remark), "{text}");
            assert_eq!(value, expected, "{text}");
        };
        for yes in ["1", "yes", "on", "enable", "true", "TRUE", "Enabled", "'true'", " on "] {
            check(yes, true, None);
        }
        for no in ["0", "no", "off", "disable", "False", "disabled", ""] {
            check(no, false, None);
        }
        check("banana", false, Some(Remark::NeitherYesNorNo));
        check("2", false, Some(Remark::NeitherYesNorNo));
    }

    #[test]
    fn numbers_have_a_sign_and_make_sense() {
        let mut value = 9;
        assert_eq!(Field::Count(&mut value).set("+12"), Ok(None));
        assert_eq!(value, 12);
        assert_eq!(Field::Count(&mut value).set("-3"), Ok(Some(Remark::OutOfRange)));
        assert_eq!(value, 0);
        assert_eq!(Field::Count(&mut value).set("5000000000"), Ok(Some(Remark::OutOfRange)));
        assert_eq!(value, u32::MAX);
        for bad in ["", "1.5", "0x10", "ten", "99999999999999999999"] {
            assert!(Field::Count(&mut value).set(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn ports_are_sixteen_bits() {
        let mut value = 0;
        assert_eq!(Field::Port(&mut value).set("1179"), Ok(None));
        assert_eq!(value, 1179);
        for bad in ["65536", "-1", "bgp", ""] {
            assert!(Field::Port(&mut value).set(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn reals_are_finite() {
        let mut value = 0.0;
        for (text, expected) in [("1", 1.0), ("0.5", 0.5), ("2.", 2.0), ("1e1", 10.0)] {
            assert_eq!(Field::Real(&mut value).set(text), Ok(None));
            assert_eq!(value, expected);
        }
        for bad in ["", "fast", "nan", "inf"] {
            assert!(Field::Real(&mut value).set(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn octals_may_have_their_prefix() {
        let mut value = 0;
        for text in ["137", "0137", "0o137", "'0o137'", "0O137"] {
            assert_eq!(Field::Octal(&mut value).set(text), Ok(None));
            assert_eq!(value, 0o137);
        }
        for bad in ["", "8", "0x1f", "1777", "-1"] {
            assert!(Field::Octal(&mut value).set(bad).is_err(), "{bad}");
        }
        assert_eq!(Field::Octal(&mut value).to_string(), "0o137");
    }

    #[test]
    fn users_exist() {
        let mut value = String::new();
        assert_eq!(Field::User(&mut value).set("root"), Ok(None));
        assert_eq!(value, "root");
        for bad in ["no-such-user", "", "a\0b"] {
            let refused = Field::User(&mut value).set(bad);
            assert_eq!(refused, Err(Expected("a user of this system")), "{bad}");
        }
        assert_eq!(Field::User(&mut value).set_default("no-such-user"), Ok(()));
    }

    #[test]
    fn words_are_read_in_any_case_and_written_in_one() {
        let mut level = Level::Info;
        assert_eq!(Field::Level(&mut level).set("debug"), Ok(None));
        assert_eq!(level.to_string(), "DEBUG");
        assert!(Field::Level(&mut level).set("LOUD").is_err());
        let mut encoder = Encoder::Json;
        assert_eq!(Field::Encoder(&mut encoder).set("Text"), Ok(None));
        assert_eq!(encoder, Encoder::Text);
        assert!(Field::Encoder(&mut encoder).set("xml").is_err());
        let mut version = ApiVersion::Four;
        assert_eq!(Field::Version(&mut version).set("6"), Ok(None));
        assert_eq!(version, ApiVersion::Six);
        assert!(Field::Version(&mut version).set("5").is_err());
        let mut format = RoutesFormat::V1;
        assert_eq!(Field::RoutesFormat(&mut format).set("v2"), Ok(None));
        assert!(Field::RoutesFormat(&mut format).set("v3").is_err());
    }

    #[test]
    fn levels_are_ordered_by_how_much_they_let_through() {
        assert!(Level::Fatal < Level::Error && Level::Error < Level::Info);
        assert!(Level::Info < Level::Debug && Level::Debug < Level::NotSet);
    }

    #[test]
    fn addresses_are_a_list() {
        let mut value = Vec::new();
        assert_eq!(Field::Addresses(&mut value).set("'127.0.0.1  ::1'"), Ok(None));
        assert_eq!(value, ["127.0.0.1", "::1"].map(|text| text.parse::<IpAddr>().unwrap()));
        assert_eq!(Field::Addresses(&mut value).to_string(), "127.0.0.1 ::1");
        assert_eq!(Field::Addresses(&mut value).set(""), Ok(None));
        assert!(value.is_empty());
        assert!(Field::Addresses(&mut value).set("127.0.0.1,::1").is_err());
    }

    #[test]
    fn text_loses_its_quotes() {
        let mut value = String::new();
        for text in ["/var/log/x", "'/var/log/x'", " \"/var/log/x\" "] {
            assert_eq!(Field::Text(&mut value).set(text), Ok(None));
            assert_eq!(value, "/var/log/x");
        }
    }
}
