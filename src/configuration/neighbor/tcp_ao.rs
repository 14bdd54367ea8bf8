//! `tcp-ao { … }`: the key with which segments are signed and checked, RFC 5925.

use super::draft::given;
use crate::bgp::neighbor::{AoAlgorithm, TcpAo};
use crate::configuration::scope::{Given, Scope};
use crate::configuration::section::{Keyword, PLAIN, Section};
use crate::text::{Error, Span, Tokens};

/// What a section says; that of a template wins, word by word.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    keyid: Given<u8>,
    algorithm: Given<AoAlgorithm>,
    pub(super) password: Given<Box<str>>,
    base64: Given<bool>,
}

pub(crate) static TCP_AO: Section = Section {
    name: "tcp-ao",
    syntax: "tcp-ao { keyid <0-255>; algorithm <name>; password <text>; [base64 true|false;] }",
    keywords: &[
        Keyword {
            name: "keyid",
            syntax: "keyid <0-255>",
            read: |scope, tokens| {
                let read = |tokens: &mut Tokens<'_>| tokens.number("a number below 256");
                scope.neighbor.tcp_ao.keyid = given(tokens, read)?;
                Ok(())
            },
        },
        Keyword {
            name: "algorithm",
            syntax: "algorithm hmac-sha-1-96|aes-128-cmac-96|hmac-sha-256",
            read: |scope, tokens| {
                scope.neighbor.tcp_ao.algorithm = given(tokens, algorithm)?;
                Ok(())
            },
        },
        Keyword {
            name: "password",
            syntax: "password \"<text of 1 to 80 octets>\"",
            read: |scope, tokens| {
                scope.neighbor.tcp_ao.password = given(tokens, password)?;
                Ok(())
            },
        },
        Keyword { name: "base64", syntax: "base64 true|false", read: base64 },
    ],
    ..PLAIN
};

fn algorithm(tokens: &mut Tokens<'_>) -> Result<AoAlgorithm, Error> {
    let word = tokens.word("an algorithm")?;
    let named = |known: &AoAlgorithm| word.eq_ignore_ascii_case(known.name());
    AoAlgorithm::ALL.into_iter().find(named).ok_or_else(|| word.fault("is no algorithm of TCP-AO"))
}

fn password(tokens: &mut Tokens<'_>) -> Result<Box<str>, Error> {
    let word = tokens.word("a password")?;
    if word.is_empty() { Err(word.fault("is no password")) } else { Ok((*word.text).into()) }
}

fn base64(scope: &mut Scope<'_>, tokens: &mut Tokens<'_>) -> Result<(), Error> {
    scope.neighbor.tcp_ao.base64 = super::draft::switch(tokens, false)?;
    Ok(())
}

impl Draft {
    /// Takes over each value that `other` has.
    pub(crate) fn overwrite(&mut self, other: &Self) {
        self.keyid = other.keyid.or(self.keyid);
        self.algorithm = other.algorithm.or(self.algorithm);
        self.base64 = other.base64.or(self.base64);
        if other.password.is_some() {
            self.password.clone_from(&other.password);
        }
    }

    /// Where the first of the values stands; `None` when the section says nothing.
    pub(super) fn place(&self) -> Option<Span> {
        let places = [
            self.keyid.map(|(_, span)| span),
            self.algorithm.map(|(_, span)| span),
            self.password.as_ref().map(|(_, span)| *span),
            self.base64.map(|(_, span)| span),
        ];
        places.into_iter().flatten().min_by_key(|span| span.start)
    }

    /// What must be there and is not.
    pub(super) fn missing(&self) -> Vec<&'static str> {
        let values = [
            ("keyid", self.keyid.is_none()),
            ("algorithm", self.algorithm.is_none()),
            ("password", self.password.is_none()),
        ];
        values.into_iter().filter(|(_, missing)| *missing).map(|(name, _)| name).collect()
    }

    pub(super) fn is_base64(&self) -> bool {
        self.base64.is_some_and(|(value, _)| value)
    }

    /// The key, when all of it was said.
    pub(super) fn complete(&self) -> Option<TcpAo> {
        let ((keyid, _), (algorithm, _)) = (self.keyid?, self.algorithm?);
        let (password, _) = self.password.clone()?;
        Some(TcpAo { keyid, algorithm, password, base64: self.is_base64() })
    }
}
