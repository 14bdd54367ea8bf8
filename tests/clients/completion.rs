//! Completion in shells: what bash offers is what the program understands.

use std::process::Command;

use super::daemon::{self, Finished};
use crate::support::{Place, run};

/// What bash offers at the end of a line.
fn offered(line: &str) -> Vec<String> {
    let place = Place::new();
    let completion = place.file("completion", run(&["shell", "completion", "bash"]).out);
    let bin = place.join("bin");
    std::fs::create_dir(&bin).unwrap();
    std::os::unix::fs::symlink(daemon::binary(), bin.join("exabgp")).unwrap();
    // As bash calls a completion function: the line, the place in it, its words.
    let script = "PATH=$3:$PATH\n\
        source \"$1\"\n\
        COMP_LINE=$2 COMP_POINT=${#2}\n\
        read -r -a COMP_WORDS <<< \"$(sed 's/:/ : /g' <<< \"$2\")\"\n\
        case $2 in *' ') COMP_WORDS+=('') ;; esac\n\
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n\
        _exabgp\n\
        printf '%s\\n' \"${COMPREPLY[@]}\"\n";
    let mut bash = Command::new("bash");
    bash.args(["-euc", script, "bash"]).arg(completion).arg(line).arg(bin);
    let finished: Finished = daemon::finish(&Place::new(), bash, b"");
    assert_eq!((finished.code, &*finished.err), (Some(0), ""), "{line}");
    finished.out.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[test]
fn bash_completes_from_the_tables() {
    let commands = offered("exabgp ");
    for word in ["server", "validate", "cli", "run", "shell", "decode"] {
        assert!(commands.iter().any(|command| command == word), "{word} in {commands:?}");
    }
    assert_eq!(offered("exabgp val"), ["validate"]);
    assert!(offered("exabgp server --pas").contains(&"--passive".to_owned()));
    assert_eq!(offered("exabgp cli show adj-rib "), ["in", "out"]);
    assert_eq!(offered("exabgpcli sho"), ["show"]);
    assert_eq!(offered("exabgp-cli show neigh"), ["neighbor"]);
    assert_eq!(offered("exabgp run neighbor 2001:db8::1 tear"), ["teardown"]);
    assert_eq!(offered("exabgp shell completion "), ["bash", "fish", "zsh"]);
    assert_eq!(offered("exabgp server "), Vec::<String>::new(), "bash offers files");
}

#[test]
fn scripts_are_installed_and_removed() {
    for (shell, path) in [
        ("bash", ".local/share/bash-completion/completions/exabgp"),
        ("zsh", ".zsh/completions/_exabgp"),
        ("fish", ".config/fish/completions/exabgp.fish"),
    ] {
        let home = Place::new();
        let shell_of = |arguments: &[&str], usual: &str| {
            let mut command = daemon::command(&home);
            command.args(arguments).env("SHELL", usual);
            daemon::finish(&Place::new(), command, b"")
        };
        let script = run(&["shell", "completion", shell]);
        assert_eq!(script.code, Some(0), "{script:?}");
        assert!(script.out.contains("exabgpcli"), "{script:?}");
        let installed = shell_of(&["shell", "install"], &format!("/usr/bin/{shell}"));
        assert_eq!(installed.code, Some(0), "{installed:?}");
        assert_eq!(std::fs::read_to_string(home.join(path)).unwrap(), script.out);
        for _ in 0..2 {
            let removed = shell_of(&["shell", "uninstall", shell], "/bin/sh");
            assert_eq!(removed.code, Some(0), "{removed:?}");
            assert!(!home.join(path).exists());
        }
    }
    for arguments in [&["shell"][..], &["shell", "completion", "csh"], &["shell", "nonsense"]] {
        let finished = run(arguments);
        assert_eq!((finished.code, &*finished.out), (Some(1), ""), "{finished:?}");
    }
}
