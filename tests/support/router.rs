//! Real routers beside the program: BIRD 2 and GoBGP, each with its own configuration, ports and
//! control socket, on the loopback network.

use std::fs::{self, File};
use std::net::IpAddr;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::place::{Place, free_port, own_address};
use super::wait::until;

/// Whether a router's programs are there. Where they are not, the test leaves its part out and
/// says so aloud; where nothing may be left out (`CI=true`) it fails.
fn present(programs: &[&str], package: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/usr/local/sbin".into()])
        .collect();
    let found = |program: &&str| folders.iter().any(|folder| folder.join(program).is_file());
    if programs.iter().all(found) {
        return true;
    }
    super::left_out(&format!("the test with {package} needs the Debian package {package}"));
    false
}

fn program(name: &str) -> Command {
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new(name);
    command.env("PATH", format!("{path}:/usr/sbin:/usr/local/sbin")).stdin(Stdio::null());
    command
}

/// A router as a child process.
struct Running {
    name: &'static str,
    place: Place,
    child: Child,
}

impl Running {
    fn start(name: &'static str, place: Place, mut command: Command) -> Self {
        let log = File::create(place.join("router.log")).expect("a log file");
        let child = command
            .stdout(log.try_clone().expect("the log file again"))
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        Self { name, place, child }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        if std::thread::panicking() {
            let log = fs::read_to_string(self.place.join("router.log")).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            println!("the last lines of {}:", self.name);
            for line in lines.iter().rev().take(30).rev() {
                println!("  {line}");
            }
        }
    }
}

/// BIRD 2, AS 65001 with router id 10.0.0.2.
pub struct Bird {
    running: Running,
    address: IpAddr,
    port: u16,
    text: String,
}

impl Bird {
    /// Starts BIRD; `None` where it is not installed. `text` follows the head of its
    /// configuration, with `$ADDRESS` and `$PORT` for where it listens.
    pub fn start(address: IpAddr, text: &str) -> Option<Self> {
        present(&["bird", "birdc"], "bird2").then(|| {
            let port = free_port(address);
            let text = format!("router id 10.0.0.2;\nprotocol device {{ }}\n{text}")
                .replace("$ADDRESS", &address.to_string())
                .replace("$PORT", &port.to_string());
            Self { running: Self::launch(Place::new(), &text), address, port, text }
        })
    }

    fn launch(place: Place, text: &str) -> Running {
        let path = place.file("bird.conf", text);
        let socket = place.join("control");
        drop(fs::remove_file(&socket));
        let mut command = program("bird");
        command.arg("-f").arg("-c").arg(path).arg("-s").arg(&socket);
        command.arg("-P").arg(place.join("pid"));
        let running = Running::start("bird", place, command);
        until("bird answers", || socket.exists().then_some(()));
        running
    }

    /// Ends BIRD without ceremony and starts it again.
    pub fn restart(&mut self) {
        drop(self.running.child.kill());
        drop(self.running.child.wait());
        self.running = Self::launch(Place::new(), &self.text);
    }

    /// Where it listens.
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What `birdc` prints for a command.
    pub fn ask(&self, words: &str) -> String {
        let output = program("birdc")
            .arg("-s")
            .arg(self.running.place.join("control"))
            .args(words.split(' '))
            .output()
            .expect("birdc runs");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Waits until what `birdc` prints is as it should be.
    pub fn until(&self, words: &str, holds: impl Fn(&str) -> bool) -> String {
        until(&format!("bird: {words}"), || {
            let answer = self.ask(words);
            holds(&answer).then_some(answer)
        })
    }

    /// Waits until a protocol is established.
    pub fn established(&self, protocol: &str) {
        self.until(&format!("show protocols {protocol}"), |answer| answer.contains("Established"));
    }

    /// The prefixes that a protocol brought.
    pub fn prefixes(&self, protocol: &str) -> Vec<String> {
        let answer = self.ask(&format!("show route protocol {protocol}"));
        let mut prefixes: Vec<String> = answer
            .lines()
            .filter_map(|line| line.split_whitespace().next())
            .filter(|word| word.contains('/'))
            .map(str::to_owned)
            .collect();
        prefixes.sort();
        prefixes
    }

    /// Waits until a protocol brought exactly these prefixes, sorted.
    pub fn has(&self, protocol: &str, prefixes: &[&str]) {
        until(&format!("{protocol} brings {prefixes:?}"), || {
            (self.prefixes(protocol) == prefixes).then_some(())
        });
    }
}

/// GoBGP, AS 65001 with router id 10.0.0.2.
pub struct Gobgp {
    _running: Running,
    address: IpAddr,
    port: u16,
    control: u16,
}

impl Gobgp {
    /// Starts GoBGP; `None` where it is not installed. `neighbors` is the rest of its
    /// configuration.
    pub fn start(address: IpAddr, neighbors: &str) -> Option<Self> {
        present(&["gobgpd", "gobgp"], "gobgpd").then(|| {
            let port = free_port(address);
            let control = free_port(own_address());
            let place = Place::new();
            let text = format!(
                "[global.config]\nas = 65001\nrouter-id = \"10.0.0.2\"\nport = {port}\n\
                 local-address-list = [\"{address}\"]\n{neighbors}"
            );
            let path = place.file("gobgpd.toml", text);
            let mut command = program("gobgpd");
            command.arg("-f").arg(path).arg("--pprof-disable").arg("-p");
            command.arg(format!("--api-hosts=127.0.0.1:{control}"));
            let running = Running::start("gobgpd", place, command);
            let gobgp = Self { _running: running, address, port, control };
            until("gobgpd answers", || gobgp.ask("neighbor").is_array().then_some(()));
            gobgp
        })
    }

    /// Where it listens.
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What `gobgp` prints for a command, as JSON; null when it prints none.
    pub fn ask(&self, words: &str) -> Value {
        let output = program("gobgp")
            .args(["-p", &self.control.to_string(), "-j"])
            .args(words.split(' '))
            .output()
            .expect("gobgp runs");
        serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
    }

    /// The prefixes of its table of a family, sorted.
    pub fn prefixes(&self, family: &str) -> Vec<String> {
        let table = self.ask(&format!("global rib -a {family}"));
        table.as_object().map_or_else(Vec::new, |table| {
            let mut prefixes: Vec<String> = table.keys().cloned().collect();
            prefixes.sort();
            prefixes
        })
    }

    /// Waits until its table of a family has exactly these prefixes, sorted.
    pub fn has(&self, family: &str, prefixes: &[&str]) {
        until(&format!("gobgp has {prefixes:?}"), || {
            (self.prefixes(family) == prefixes).then_some(())
        });
    }
}
