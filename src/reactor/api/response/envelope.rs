//! What every JSON event begins with: who speaks, and when.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::json::{Dialect, Writer};

/// The constant part of events, and the time as it was last told.
#[derive(Debug)]
pub(crate) struct Envelope {
    /// `{ "exabgp": "…", "time": `, for each dialect.
    v4: Vec<u8>,
    v6: Vec<u8>,
    /// The time in seconds since 1970, in digits.
    time: Vec<u8>,
    /// `, "host" : …, "pid" : …, "ppid" : …`
    program: Vec<u8>,
    pub(super) pid: u32,
    pub(super) parent: u32,
    wall: SystemTime,
}

impl Envelope {
    /// Of the program on this host.
    pub(crate) fn new(host: &str, pid: u32, parent: u32) -> Self {
        let mut program = Vec::new();
        let mut json = Writer::new(&mut program, Dialect::V4);
        json.raw(", \"host\" : ");
        json.string(host);
        json.raw(", \"pid\" : ");
        json.number(pid);
        json.raw(", \"ppid\" : ");
        json.number(parent);
        let start = |version| format!("{{ \"exabgp\": \"{version}\", \"time\": ").into_bytes();
        let mut envelope = Self {
            v4: start("5.0.0"),
            v6: start("6.0.0"),
            time: Vec::new(),
            program,
            pid,
            parent,
            wall: UNIX_EPOCH,
        };
        envelope.render_time();
        envelope
    }

    /// Sets the time that events carry from now on.
    pub(crate) fn tick(&mut self, wall: SystemTime) {
        if self.wall != wall {
            self.wall = wall;
            self.time.clear();
        }
    }

    /// Appends the envelope up to, and with, the `type`.
    pub(super) fn open(
        &mut self,
        out: &mut Vec<u8>,
        dialect: Dialect,
        counter: Option<u64>,
        word: &str,
    ) {
        if self.time.is_empty() {
            self.render_time();
        }
        out.extend_from_slice(match dialect {
            Dialect::V4 => &self.v4,
            Dialect::V6 => &self.v6,
        });
        out.extend_from_slice(&self.time);
        out.extend_from_slice(&self.program);
        let mut json = Writer::new(out, dialect);
        if let Some(counter) = counter {
            json.raw(", \"counter\": ");
            json.number(counter);
        }
        json.raw(", \"type\": \"");
        json.raw(word);
        json.raw("\", ");
    }

    /// Most iterations of the loop have no event, so the digits are made by the first that has.
    fn render_time(&mut self) {
        let seconds = self.wall.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        Writer::new(&mut self.time, Dialect::V4).float(seconds);
    }
}
