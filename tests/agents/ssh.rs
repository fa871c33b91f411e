//! `ssh://` against a real sshd of this machine: own host key, own port, own folder, whose only command is the fake agent.
//! Skipped, with a word, where there is no sshd or ssh.

use std::fmt::Write as _;
use std::net::TcpListener;
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use crate::fake::{Watched, alive, eventually, options, processes, program};
use lockstep::io::agent::ssh::Ssh;
use lockstep::io::agent::{AgentEvent, LinkState, Options, Purpose, Transport};
use lockstep::session::event::EndState;

/// A running sshd and the keys of both sides.
struct Sshd {
    dir: tempfile::TempDir,
    port: NonZeroU16,
    daemon: Child,
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

fn sshd_program() -> Option<PathBuf> {
    let sshd = ["/usr/sbin/sshd", "/usr/local/sbin/sshd"].iter().map(PathBuf::from).find(|path| path.exists());
    let ssh = Command::new("ssh").arg("-V").stderr(Stdio::null()).status();
    let found = sshd.filter(|_| ssh.is_ok_and(|status| status.success()));
    if found.is_none() {
        crate::fake::skipped("there is no sshd and ssh on this machine");
    }
    found
}

fn key(path: &Path) {
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(path).status().expect("ssh-keygen");
    assert!(made.success());
}

fn free_port() -> NonZeroU16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("port");
    NonZeroU16::new(listener.local_addr().expect("address").port()).expect("not 0")
}

impl Sshd {
    /// None where it is to be skipped. `words` are the fake agent's.
    fn start(words: &str) -> Option<Self> {
        let sshd = sshd_program()?;
        let dir = tempfile::tempdir().expect("folder");
        let at = |name: &str| dir.path().join(name);
        for name in ["host", "mine", "other"] {
            key(&at(name));
        }
        std::fs::copy(at("mine.pub"), at("authorized")).expect("copy");
        std::fs::write(at("banner"), "*** Authorised use only ***\n").expect("banner");
        let port = free_port();
        let mut config = String::new();
        for line in [
            format!("ListenAddress 127.0.0.1:{port}"),
            format!("HostKey {}", at("host").display()),
            format!("AuthorizedKeysFile {}", at("authorized").display()),
            format!("PidFile {}", at("pid").display()),
            format!("Banner {}", at("banner").display()),
            format!("ForceCommand {} {words}", program().display()),
            "StrictModes no".into(),
            "UsePAM no".into(),
            "PasswordAuthentication no".into(),
            "KbdInteractiveAuthentication no".into(),
        ] {
            writeln!(config, "{line}").expect("text");
        }
        std::fs::write(at("config"), config).expect("config");
        let log = std::fs::File::create(at("log")).expect("log");
        // Started by root, Debian's sshd wants this empty folder, which its service makes at boot.
        let _ = std::fs::create_dir_all("/run/sshd");
        let mut daemon = Command::new(sshd).args(["-D", "-e", "-f"]).arg(at("config")).stderr(log).spawn().expect("sshd");
        let log = at("log");
        eventually("sshd listens", || {
            let ended = daemon.try_wait().expect("sshd");
            assert!(ended.is_none(), "sshd ended: {}", std::fs::read_to_string(&log).unwrap_or_default());
            std::net::TcpStream::connect(("127.0.0.1", port.get())).is_ok()
        });
        let server = Self { dir, port, daemon };
        server.know_host("host.pub");
        Some(server)
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// As `ssh-keygen -lf` prints it on the server.
    fn fingerprint(&self, key: &str) -> String {
        let told = Command::new("ssh-keygen").arg("-lf").arg(self.at(key)).output().expect("ssh-keygen").stdout;
        String::from_utf8(told).expect("text").split(' ').nth(1).expect("a fingerprint").to_owned()
    }

    fn know_host(&self, key: &str) {
        let key = std::fs::read_to_string(self.at(key)).expect("key");
        std::fs::write(self.at("known"), format!("[127.0.0.1]:{} {key}", self.port)).expect("known hosts");
    }

    /// Nothing of the machine's own ssh configuration, keys or known hosts is used.
    fn transport(&self, identity: &str) -> Arc<dyn Transport> {
        let option = |name: &str, path: &str| ["-o".to_owned(), format!("{name}={}", self.at(path).display())];
        let user = std::env::var("USER").unwrap_or_else(|_| "root".into());
        let ssh = Ssh::new(Some(user), "127.0.0.1".into(), Some(self.port), None)
            .with_options(["-F".to_owned(), "none".to_owned(), "-o".to_owned(), "IdentitiesOnly=yes".to_owned()])
            .with_options(["-o".to_owned(), "IdentityAgent=none".to_owned()])
            .with_options(option("UserKnownHostsFile", "known"))
            .with_options(option("GlobalKnownHostsFile", "none"))
            .with_options(option("IdentityFile", identity));
        Arc::new(ssh)
    }

    fn refused(&self, identity: &str) -> (String, String) {
        let mut watched = Watched::start(self.transport(identity), options());
        let link = watched.link(Purpose::Watch, |link| matches!(link, LinkState::Refused { .. } | LinkState::Lost { .. }));
        watched.agents.stop();
        match link {
            LinkState::Refused { why, remedy, .. } => (why, remedy),
            other => panic!("{other:?}; sshd: {}", std::fs::read_to_string(self.at("log")).unwrap_or_default()),
        }
    }
}

fn live(link: &LinkState) -> bool {
    matches!(link, LinkState::Live { .. })
}

#[test]
fn a_known_host_answers_through_its_banner() {
    let Some(server) = Sshd::start("banner") else { return };
    let mut watched = Watched::start(server.transport("mine"), options());
    watched.link(Purpose::Watch, live);
    let tail = watched.run("r1", "say caf\u{e9} \u{1f600}");
    let ended = watched.ended("r1");
    assert_eq!(ended.state, EndState::Completed, "{:?}", ended.why);
    assert_eq!(tail.lock().last(1)[0].text.as_str(), "caf\u{e9} \u{1f600}");
    watched.agents.stop();
}

#[test]
fn an_unknown_host_is_refused_with_the_command_that_shows_its_fingerprint() {
    let Some(server) = Sshd::start("") else { return };
    std::fs::write(server.at("known"), "").expect("known hosts");
    let (why, remedy) = server.refused("mine");
    assert!(why.contains("not known"), "{why}");
    assert!(remedy.contains(&format!("ssh -p {}", server.port)), "{remedy}");
    // It is told, and stays unknown.
    assert!(why.contains(&format!("ED25519 {}", server.fingerprint("host.pub"))), "{why}");
    assert!(remedy.contains("ssh-keygen -lf") && remedy.contains("ssh_host_ed25519_key.pub"), "{remedy}");
    assert_eq!(std::fs::read_to_string(server.at("known")).expect("known hosts"), "");
    let log = std::fs::read_to_string(server.at("log")).expect("log");
    assert!(!log.contains("Accepted"), "nobody was signed in: {log}");
}

#[test]
fn a_changed_host_key_is_told_apart() {
    let Some(server) = Sshd::start("") else { return };
    server.know_host("other.pub");
    let (why, remedy) = server.refused("mine");
    assert!(why.contains("another machine may be answering"), "{why}");
    assert!(remedy.contains("ssh-keygen -R"), "{remedy}");
    assert!(why.contains(&format!("ED25519 {}", server.fingerprint("host.pub"))), "{why}");
}

#[test]
fn a_key_that_the_server_does_not_take_is_refused() {
    let Some(server) = Sshd::start("") else { return };
    let (why, _) = server.refused("other");
    assert!(why.contains("did not accept this sign-in"), "{why}");
}

#[test]
fn a_server_that_is_not_there_is_lost_and_tried_again() {
    let Some(server) = Sshd::start("") else { return };
    let user = Some("anna".to_owned());
    let closed = Ssh::new(user, "127.0.0.1".into(), Some(free_port()), None).with_options(["-F".to_owned(), "none".to_owned()]);
    drop(server);
    let mut watched = Watched::start(Arc::new(closed), options());
    let lost = |link: &LinkState| matches!(link, LinkState::Lost { why, .. } if why.contains("refused"));
    watched.link(Purpose::Watch, lost);
    watched.link(Purpose::Watch, |link| matches!(link, LinkState::Starting));
    watched.link(Purpose::Watch, lost);
    watched.agents.stop();
}

#[test]
fn a_frozen_peer_is_noticed() {
    let dir = tempfile::tempdir().expect("folder");
    let pids = dir.path().join("pids");
    let Some(server) = Sshd::start(&format!("pids={}", pids.display())) else { return };
    let options = Options { ping_after: Duration::from_millis(300), silence: Duration::from_millis(1500), ..options() };
    let mut watched = Watched::start(server.transport("mine"), options);
    // Which of the two comes up first is chance.
    let mut up = std::collections::BTreeSet::new();
    watched.until(|event| match event {
        AgentEvent::Link { purpose, link, .. } if live(link) => {
            up.insert(*purpose);
            (up.contains(&Purpose::Watch) && up.contains(&Purpose::Survey)).then_some(())
        }
        _ => None,
    });
    let agents = processes(&pids, 2);
    // Both agents of the server hang below sshd processes; every one of the daemon's sessions is stopped.
    let sessions = descendants(server.daemon.id());
    assert!(sessions.len() >= 2, "{sessions:?}");
    signal("-STOP", &sessions);
    let lost = watched.until(|event| match event {
        AgentEvent::Link { purpose: Purpose::Watch, link: LinkState::Lost { why, .. }, .. } => Some(why.clone()),
        _ => None,
    });
    assert!(lost.contains("no sign of life"), "{lost}");
    signal("-CONT", &sessions);
    watched.agents.stop();
    eventually("the agents are gone", || !agents.iter().any(|one| alive(one)));
}

#[test]
fn a_client_that_is_killed_leaves_no_orphan() {
    let dir = tempfile::tempdir().expect("folder");
    let pids = dir.path().join("pids");
    let Some(server) = Sshd::start(&format!("pids={}", pids.display())) else { return };
    let mut watched = Watched::start(server.transport("mine"), options());
    watched.link(Purpose::Watch, live);
    watched.run("r1", "wait");
    watched.until(|event| matches!(event, AgentEvent::Started { .. }).then_some(()));
    let agents = processes(&pids, 3);
    assert!(agents.iter().all(|one| alive(one)), "{agents:?}");
    // Without a word of farewell, as by a kill: the threads find their orders gone and drop their children.
    let clients = descendants(std::process::id());
    signal("-KILL", &ssh_only(&clients, server.port));
    let ended = watched.ended("r1");
    assert_eq!(ended.state, EndState::Interrupted);
    eventually("the agents are gone", || !agents.iter().any(|one| alive(one)));
    watched.agents.stop();
}

/// Every process below one.
fn descendants(root: u32) -> Vec<u32> {
    let mut found: Vec<u32> = Vec::new();
    let parents: Vec<(u32, u32)> = std::fs::read_dir("/proc")
        .expect("/proc")
        .filter_map(|entry| {
            let pid: u32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            let parent = stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()?;
            Some((pid, parent))
        })
        .collect();
    let mut level = vec![root];
    while let Some(parent) = level.pop() {
        for (pid, of) in &parents {
            if *of == parent {
                found.push(*pid);
                level.push(*pid);
            }
        }
    }
    found
}

/// Those that are ssh to our port: tests run side by side.
fn ssh_only(pids: &[u32], port: NonZeroU16) -> Vec<u32> {
    let ours = |pid: &u32| {
        std::fs::read_to_string(format!("/proc/{pid}/cmdline"))
            .is_ok_and(|line| line.starts_with("ssh\0") && line.contains(&format!("\0-p\0{port}\0")))
    };
    pids.iter().copied().filter(ours).collect()
}

fn signal(signal: &str, pids: &[u32]) {
    assert!(!pids.is_empty());
    let sent = Command::new("kill").arg(signal).args(pids.iter().map(ToString::to_string)).status().expect("kill");
    assert!(sent.success());
}
