//! A terminal for the built program: a pseudo-terminal, what it shows, and keys for it.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use tempfile::TempDir;

/// The program under test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_lockstep");
/// How long a loaded machine may take for anything.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// Keys that come faster than a person types count as pasted, and a pasted Enter confirms nothing.
const TYPING: Duration = Duration::from_millis(30);

/// A home for sessions and settings that lasts as long as the test.
pub struct Home(TempDir);

impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary directory"))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    /// A file of the home.
    pub fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, bytes).expect("a file in the home");
        path
    }

    /// A verb that needs no screen.
    pub fn verb(&self, args: &[&str]) -> Output {
        let mut command = Command::new(PROGRAM);
        command.args(args).env("LOCKSTEP_DATA_DIR", self.data()).env("LOCKSTEP_CONFIG_DIR", self.path().join("config"));
        command.stdin(std::process::Stdio::null()).output().expect("the program starts")
    }

    /// What a verb that succeeds writes.
    pub fn says(&self, args: &[&str]) -> String {
        let output = self.verb(args);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?} failed: {errors}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// The only session there is, as `sessions --json` has it.
    pub fn session(&self) -> serde_json::Value {
        let list: serde_json::Value = serde_json::from_str(&self.says(&["sessions", "--json"])).expect("JSON");
        let all = list.as_array().or_else(|| list.get("sessions").and_then(serde_json::Value::as_array));
        let all = all.unwrap_or_else(|| panic!("no list of sessions: {list}"));
        assert_eq!(all.len(), 1, "{list}");
        all[0].clone()
    }

    /// Every event of that session.
    pub fn journal(&self) -> String {
        let id = self.session()["id"].as_str().expect("an id").to_owned();
        let file = self.data().join("sessions").join(id).join("journal.jsonl");
        std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    }
}

fn cell(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).expect("a terminal has cells")
}

fn pty_size(cols: u16, rows: u16) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

/// What came from the program.
struct Shown {
    screen: vt100::Parser,
    raw: Vec<u8>,
}

/// The program in its terminal. Dropping it ends it.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    shown: Arc<Mutex<Shown>>,
    reader: Option<std::thread::JoinHandle<()>>,
    master: Box<dyn MasterPty + Send>,
}

impl Terminal {
    /// Starts a verb in a terminal of that many columns and rows.
    pub fn start(home: &Home, (cols, rows): (u16, u16), args: &[&str]) -> Self {
        Self::start_with(home, (cols, rows), args, &[])
    }

    /// The same, with more in its environment.
    pub fn start_with(home: &Home, (cols, rows): (u16, u16), args: &[&str], env: &[(&str, &str)]) -> Self {
        Self::start_program(home, (cols, rows), PROGRAM, args, env)
    }

    /// Another program that is to find the same home.
    pub fn start_program(home: &Home, (cols, rows): (u16, u16), program: &str, args: &[&str], env: &[(&str, &str)]) -> Self {
        let pair = native_pty_system().openpty(pty_size(cols, rows)).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.cwd(env!("CARGO_MANIFEST_DIR"));
        for name in ["NO_COLOR", "LOCKSTEP_ASCII", "COLORTERM"] {
            command.env_remove(name);
        }
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.env("LOCKSTEP_DATA_DIR", home.data());
        command.env("LOCKSTEP_CONFIG_DIR", home.path().join("config"));
        for (name, value) in env {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).expect("the program starts");
        drop(pair.slave);
        let mut from = pair.master.try_clone_reader().expect("a reader");
        let keys = pair.master.take_writer().expect("a writer");
        let shown = Arc::new(Mutex::new(Shown { screen: vt100::Parser::new(cell(rows), cell(cols), 0), raw: Vec::new() }));
        let into = Arc::clone(&shown);
        let reader = std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(count @ 1..) = from.read(&mut buffer) {
                let mut shown = into.lock().unwrap_or_else(PoisonError::into_inner);
                shown.screen.process(&buffer[..count]);
                shown.raw.extend_from_slice(&buffer[..count]);
            }
        });
        Self { child, keys, shown, reader: Some(reader), master: pair.master }
    }

    fn shown<T>(&self, read: impl FnOnce(&Shown) -> T) -> T {
        read(&self.shown.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The words on the screen.
    pub fn screen(&self) -> String {
        self.shown(|shown| shown.screen.screen().contents())
    }

    /// Every byte that came.
    pub fn raw(&self) -> Vec<u8> {
        self.shown(|shown| shown.raw.clone())
    }

    pub fn shows(&self, words: &str) -> bool {
        self.screen().contains(words)
    }

    /// Presses keys one after the other, as a person would.
    pub fn press(&mut self, keys: &str) {
        for key in keys.chars() {
            let mut bytes = [0; 4];
            self.send(key.encode_utf8(&mut bytes).as_bytes());
            std::thread::sleep(TYPING);
        }
    }

    /// Sends keys all at once, as a macro or a slow line does.
    pub fn burst(&mut self, keys: &str) {
        self.send(keys.as_bytes());
        std::thread::sleep(TYPING);
    }

    /// Pastes a text, as a terminal does.
    pub fn paste(&mut self, text: &str) {
        let mut bytes = String::new();
        let _ = write!(bytes, "\x1b[200~{text}\x1b[201~");
        self.send(bytes.as_bytes());
        std::thread::sleep(TYPING);
    }

    fn send(&mut self, bytes: &[u8]) {
        // A program that has ended takes no keys; what the test waits for next says so.
        let _ = self.keys.write_all(bytes).and_then(|()| self.keys.flush());
    }

    /// Waits until the screen is as it should be; says what was on it instead.
    pub fn wait_for(&mut self, what: &str, is: impl Fn(&str) -> bool) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let screen = self.screen();
            if is(&screen) {
                return screen;
            }
            let ended = self.child.try_wait().ok().flatten();
            assert!(ended.is_none() && Instant::now() < until, "waited for {what}; ended: {ended:?}; the screen:\n{screen}");
            std::thread::sleep(Duration::from_millis(15));
        }
    }

    /// Waits until those words are on the screen.
    pub fn wait(&mut self, words: &str) -> String {
        self.wait_for(&format!("'{words}'"), |screen| screen.contains(words))
    }

    /// Waits until they are not.
    pub fn wait_gone(&mut self, words: &str) -> String {
        self.wait_for(&format!("'{words}' to go"), |screen| !screen.contains(words))
    }

    /// Waits for the program's own end; its exit code.
    pub fn ended(&mut self) -> u32 {
        let until = Instant::now() + PATIENCE;
        let code = loop {
            if let Some(status) = self.child.try_wait().expect("a status") {
                break status.exit_code();
            }
            assert!(Instant::now() < until, "it did not end; the screen:\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(15));
        };
        if let Some(reader) = self.reader.take() {
            // The other end of the terminal is closed: what was written is read to its end.
            let _ = reader.join();
        }
        code
    }

    /// Leaves the program, also while a command runs; the session stays open.
    pub fn leave(&mut self) {
        self.press("q");
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until && self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            if self.shows("leave all the same") {
                self.press("q");
            }
            std::thread::sleep(TYPING);
        }
        assert_eq!(self.ended(), 0);
    }

    /// Gives the terminal another size, as dragging its window does.
    pub fn resize(&mut self, cols: u16, rows: u16) {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).screen.screen_mut().set_size(cell(rows), cell(cols));
        self.master.resize(pty_size(cols, rows)).expect("another size");
    }

    /// Sends a signal such as `TERM`.
    pub fn signal(&mut self, name: &str) {
        let id = self.child.process_id().expect("a process").to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().expect("kill").success());
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        self.signal("KILL");
        self.child.wait().expect("its end");
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if let (Ok(None), Some(id)) = (self.child.try_wait(), self.child.process_id()) {
            let _ = Command::new("kill").args(["-9", &id.to_string()]).status();
            let _ = self.child.wait();
        }
    }
}
