//! Standard output and standard error of the sub-commands. A closed pipe ends nothing badly.

use std::io;

/// Writes to standard output; a reader that has gone is no error.
pub(super) fn print(text: &str) {
    write(&mut io::stdout().lock(), text.as_bytes());
}

/// Writes bytes to standard output; false when nobody reads any more.
pub(super) fn print_bytes(bytes: &[u8]) -> bool {
    write(&mut io::stdout().lock(), bytes)
}

/// Tells an error on standard error.
pub(super) fn error(text: &str) {
    write(&mut io::stderr().lock(), format!("error: {text}\n").as_bytes());
}

/// Tells something worth knowing on standard error.
pub(super) fn note(text: &str) {
    write(&mut io::stderr().lock(), format!("{text}\n").as_bytes());
}

fn write(out: &mut impl io::Write, bytes: &[u8]) -> bool {
    out.write_all(bytes).and_then(|()| out.flush()).is_ok()
}
