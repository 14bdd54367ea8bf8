//! Socket options that a scripted peer needs and safe Rust has no name for: a TCP MD5 key and a
//! minimum time to live. A small script holds the socket that has them and passes every octet on
//! to a plain socket of the test.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use super::Listener;
use super::place::Place;

const RELAY: &str = r#"#!/usr/bin/env python3
"""Listens with socket options and passes on: relay PORT-TO-PASS-TO MD5-KEY MINIMUM-TTL."""
import socket
import struct
import sys
import threading

TCP_MD5SIG = 14
IP_MINTTL = 21
target, key, ttl = int(sys.argv[1]), sys.argv[2].encode(), int(sys.argv[3])

door = socket.socket()
if key:
    peer = struct.pack("=H2x4s120x", socket.AF_INET, socket.inet_aton("127.0.0.1"))
    door.setsockopt(socket.IPPROTO_TCP, TCP_MD5SIG, peer + struct.pack("=BBHI80s", 0, 0, len(key), 0, key))
if ttl:
    door.setsockopt(socket.IPPROTO_IP, IP_MINTTL, ttl)
door.bind(("127.0.0.1", 0))
door.listen()
print(door.getsockname()[1], flush=True)


def copy(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


while True:
    outside, _ = door.accept()
    inside = socket.create_connection(("127.0.0.1", target))
    for pair in ((outside, inside), (inside, outside)):
        threading.Thread(target=copy, args=pair, daemon=True).start()
"#;

/// The running script.
pub struct Relay {
    child: Child,
    port: u16,
    _place: Place,
}

impl Relay {
    /// A port of 127.0.0.1 whose connections reach `listener`. An empty key and a minimum of 0 set
    /// no option.
    pub fn new(listener: &Listener, key: &str, minimum_ttl: u8) -> Self {
        let place = Place::new();
        let script = place.script("relay", RELAY);
        let mut child = Command::new(script)
            .args([listener.port().to_string(), key.to_owned(), minimum_ttl.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 runs");
        let mut line = String::new();
        let output = child.stdout.take().expect("its output");
        BufReader::new(output).read_line(&mut line).expect("a port");
        let port = line.trim().parse().expect("a port");
        Self { child, port, _place: place }
    }

    /// The port that has the options.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
