//! Where the program and its clients meet: the named pipes and the socket.
//!
//! Both sides look into the same folders in the same order and take the first that holds what they
//! need. `exabgp_cli_pipe` and `exabgp_cli_socket` name one folder instead, and
//! `exabgp_api_socketpath` names the socket itself.

use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use super::Environment;

/// The name of pipes and socket where none is chosen.
const USUAL: &str = "exabgp";

/// The folders that are searched, below `/` and then below the root of the installation; `UID`
/// stands for the number of the user.
const FOLDERS: [&str; 6] =
    ["run/exabgp", "run/UID", "run", "var/run/exabgp", "var/run/UID", "var/run"];

/// The places where clients are served.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Meeting {
    /// Folders of the pipes, the first choice first.
    pub folders: Vec<PathBuf>,
    /// Name of the pipes, without `.in` and `.out`.
    pub pipename: String,
    /// Paths of the socket, the first choice first; empty when there must be none.
    pub sockets: Vec<PathBuf>,
    /// Where a socket is made that exists nowhere yet.
    pub new_socket: Option<PathBuf>,
    /// How many clients of the socket are served at once; with one, the others wait for its end.
    pub clients_max: usize,
}

/// A pair of named pipes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PipePaths {
    /// From the clients to the program.
    pub input: PathBuf,
    /// From the program to the clients.
    pub output: PathBuf,
}

/// Clients of the socket that are served at once, unless the environment says otherwise.
const CLIENTS_MAX: usize = 64;

impl Meeting {
    /// The places that an environment names for the user `uid`. A `root` replaces that of the
    /// installation, and nothing above it is searched. A `name` replaces both names.
    pub fn of(
        environment: &Environment,
        uid: u32,
        root: Option<&Path>,
        name: Option<&str>,
    ) -> Self {
        let api = &environment.settings.api;
        let variables = &environment.variables;
        let pipename = name.unwrap_or(&api.pipename).to_owned();
        // Instances that were told apart by their pipes alone must not share a socket.
        let socketname = match name {
            None if api.socketname != USUAL || api.pipename == USUAL => api.socketname.clone(),
            _ => pipename.clone(),
        };
        let below = root.unwrap_or(&environment.root);
        let mut usual = Vec::new();
        if root.is_none() {
            usual.extend(folders(Path::new("/"), uid));
        }
        usual.extend(folders(below, uid));
        let chosen = |folder: &Option<String>| {
            folder.as_ref().filter(|folder| !folder.is_empty()).map(PathBuf::from)
        };
        let file = format!("{socketname}.sock");
        let (sockets, new_socket) =
            match (&variables.api_socketpath, &variables.cli_socket, chosen(&variables.cli_socket))
            {
                (Some(path), ..) if !path.is_empty() => (vec![path.into()], Some(path.into())),
                (_, Some(folder), _) if folder.is_empty() => (Vec::new(), None),
                (.., Some(folder)) => (vec![folder.join(&file)], Some(folder.join(&file))),
                _ => (
                    usual.iter().map(|folder| folder.join(&file)).collect(),
                    Some(below.join("run").join(&file)),
                ),
            };
        Self {
            folders: chosen(&variables.cli_pipe).map_or(usual, |folder| vec![folder]),
            pipename,
            sockets,
            new_socket,
            clients_max: clients_max(environment),
        }
    }

    /// The pair of pipes in the first folder that holds both.
    pub fn pipes(&self) -> Option<PipePaths> {
        let is_fifo = |path: &PathBuf| path.metadata().is_ok_and(|at| at.file_type().is_fifo());
        self.folders.iter().find_map(|folder| {
            let input = folder.join(format!("{}.in", self.pipename));
            let output = folder.join(format!("{}.out", self.pipename));
            (is_fifo(&input) && is_fifo(&output)).then_some(PipePaths { input, output })
        })
    }

    /// The first socket that exists, whether or not anybody listens there.
    pub fn socket(&self) -> Option<&Path> {
        let is_socket = |path: &Path| path.metadata().is_ok_and(|at| at.file_type().is_socket());
        self.sockets.iter().map(PathBuf::as_path).find(|path| is_socket(path))
    }
}

/// The six folders below one root.
fn folders(root: &Path, uid: u32) -> impl Iterator<Item = PathBuf> {
    FOLDERS.iter().map(move |folder| root.join(folder.replace("UID", &uid.to_string())))
}

fn clients_max(environment: &Environment) -> usize {
    let variables = &environment.variables;
    let single = variables.api_multi_client.as_deref().is_some_and(|text| {
        !["1", "yes", "on", "enable", "enabled", "true"]
            .contains(&text.to_ascii_lowercase().as_str())
    });
    let most = variables.api_max_clients.as_deref().and_then(|text| text.trim().parse().ok());
    if single { 1 } else { most.unwrap_or(CLIENTS_MAX).max(1) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::{Sources, load};

    fn meeting(variables: &[(&str, &str)], root: Option<&str>, name: Option<&str>) -> Meeting {
        let mut sources = Sources::of_variables(variables);
        sources.root = "/opt/x".into();
        let environment = load(&sources).unwrap();
        assert_eq!(environment.warnings, []);
        Meeting::of(&environment, 7, root.map(Path::new), name)
    }

    #[test]
    fn the_folders_are_searched_in_the_usual_order() {
        let folders = meeting(&[], None, None).folders;
        let folders: Vec<_> = folders.iter().map(|folder| folder.to_str().unwrap()).collect();
        assert_eq!(
            folders,
            [
                "/run/exabgp",
                "/run/7",
                "/run",
                "/var/run/exabgp",
                "/var/run/7",
                "/var/run",
                "/opt/x/run/exabgp",
                "/opt/x/run/7",
                "/opt/x/run",
                "/opt/x/var/run/exabgp",
                "/opt/x/var/run/7",
                "/opt/x/var/run",
            ]
        );
        let below = meeting(&[], Some("/r"), None);
        assert_eq!(below.folders.len(), 6);
        assert_eq!(below.folders[0], Path::new("/r/run/exabgp"));
        assert_eq!(below.new_socket.unwrap(), Path::new("/r/run/exabgp.sock"));
    }

    #[test]
    fn variables_name_one_place() {
        let chosen = meeting(&[("exabgp_cli_pipe", "/p"), ("exabgp_cli_socket", "/s")], None, None);
        assert_eq!(chosen.folders, [Path::new("/p")]);
        assert_eq!(chosen.sockets, [Path::new("/s/exabgp.sock")]);
        assert_eq!(chosen.new_socket.unwrap(), Path::new("/s/exabgp.sock"));
        let path = meeting(&[("exabgp_api_socketpath", "/s/x")], None, None);
        assert_eq!(path.sockets, [Path::new("/s/x")]);
        let none = meeting(&[("exabgp_cli_socket", "")], None, None);
        assert_eq!((none.sockets, none.new_socket), (Vec::new(), None));
    }

    #[test]
    fn instances_with_pipes_of_their_own_have_a_socket_of_their_own() {
        let named = meeting(&[("exabgp_api_pipename", "two")], None, None);
        assert_eq!((named.pipename.as_str(), named.sockets.len()), ("two", 12));
        assert_eq!(named.new_socket.unwrap(), Path::new("/opt/x/run/two.sock"));
        let both =
            meeting(&[("exabgp_api_pipename", "two"), ("exabgp_api_socketname", "s")], None, None);
        assert_eq!(both.new_socket.unwrap(), Path::new("/opt/x/run/s.sock"));
        let asked = meeting(&[("exabgp_api_socketname", "s")], None, Some("three"));
        assert_eq!(asked.pipename, "three");
        assert_eq!(asked.new_socket.unwrap(), Path::new("/opt/x/run/three.sock"));
    }

    #[test]
    fn the_number_of_clients_can_be_chosen() {
        assert_eq!(meeting(&[], None, None).clients_max, CLIENTS_MAX);
        let one = meeting(&[("exabgp_api_multi_client", "false")], None, None);
        assert_eq!(one.clients_max, 1);
        let variables = [("exabgp_api_multi_client", "true"), ("exabgp_api_max_clients", "10")];
        assert_eq!(meeting(&variables, None, None).clients_max, 10);
    }
}
