//! An agent without PowerShell, for tests of processes: it answers the real bootstrap, and misbehaves as it is told.
//!
//! Arguments: `slow-hello=MS`, `banner`, `clixml`, `constrained`, `policy`, `no-powershell` (words on standard error, and the
//! end), `32-bit`, `core`, `not-elevated`, `no-module`, `shared-input`, `jea`, `proto=N`, `wrong-sha`, `service-stopped`,
//! `module-broken`, `installed=NONCE`, `mute` (starts and never says a word), `pids=FILE` (adds its process id there, a line an agent), `child` (starts a `sleep` of its own and adds that id), `deaf`
//! (does not end when its input does), `shout` (fills its standard error without end), `chatter` (its output, too), `slow-events` (that group is never answered).
//! The script of a run is a list of its deeds, one a line: `say TEXT`, `warn TEXT`, `native TEXT`, `error TEXT`, `fail TEXT`,
//! `record`, `flood MIB`, `pour MIB` (faster), `lines N` (a frame each), `exit N`, `wait` (until cancelled), `ignore` (cancelling too), `die` (in the middle of a frame),
//! `noise TEXT`, `gap` (a frame with a wrong number), `busy MS` (says that it will be
//! silent), `sleep MS` (and is), `freeze` (no more signs of life).

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use lockstep::rb1::{AgentSide, ErrorRecord, Frame, FrameWriter, Group, Heard, Hello, Out, Request, Stream};
use serde_json::{Map, Value as Json, json};
use sha2::{Digest as _, Sha256};

/// What a PowerShell that cannot be used says last.
const LAST_WORDS: [(&str, &str); 3] = [
    ("constrained", "Cannot invoke method. Method invocation is supported only on core types in this language mode."),
    ("policy", "File C:\\agent.ps1 cannot be loaded because running scripts is disabled on this system."),
    ("no-powershell", "sh: 1: powershell.exe: not found"),
];

struct Agent {
    words: Vec<String>,
    heard: Receiver<Heard>,
    frames: FrameWriter,
}

/// Adds a line to the file in one write: the agents of a server come up side by side and share it.
fn add_line(path: &str, processes: &[u32]) {
    let line = processes.iter().map(u32::to_string).collect::<Vec<_>>().join(" ") + "\n";
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).expect("pids file");
    file.write_all(line.as_bytes()).expect("pids file");
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let named = |name: &str| words.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('=').map(str::to_owned));
    let mut processes = vec![std::process::id()];
    if words.iter().any(|word| word == "child") {
        #[expect(clippy::zombie_processes, reason = "it is to be left behind")]
        let child = std::process::Command::new("sleep").arg("300").spawn().expect("sleep");
        processes.push(child.id());
    }
    if let Some(path) = named("pids") {
        add_line(&path, &processes);
    }
    for (word, to_errors) in [("shout", true), ("chatter", false)] {
        if words.iter().any(|own| own == word) {
            std::thread::spawn(move || shout(to_errors));
        }
    }
    let installed = named("installed");
    let side = if installed.is_some() { AgentSide::installed() } else { AgentSide::new() };
    let heard = listen(side, words.iter().any(|word| word == "deaf"));
    let mut agent = Agent { words, heard, frames: FrameWriter::new(installed.as_deref().unwrap_or_default()) };
    if agent.has("clixml") {
        eprintln_line("#< CLIXML\r");
        eprintln_line(
            "<Objs Version=\"1.1.0.1\"><Obj S=\"progress\"><AV>Preparing modules</AV></Obj><S S=\"Error\">odd_x000A_</S></Objs>",
        );
    }
    for (word, said) in LAST_WORDS {
        if agent.has(word) {
            eprintln_line(said);
            std::process::exit(1);
        }
    }
    if agent.has("banner") {
        put(b"*** Authorised use only ***\r\n@RB1 ffffffffffffffff {\"t\":\"bye\"}\nno line end");
    }
    if agent.has("mute") {
        std::thread::sleep(Duration::from_secs(600));
    }
    if installed.is_some() {
        agent.hello();
    }
    agent.serve();
}

/// Reads the input on a thread of its own; its end is the end of the process, as with the real agent.
fn listen(mut side: AgentSide, deaf: bool) -> Receiver<Heard> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match std::io::stdin().lock().read(&mut buffer) {
                Ok(0) | Err(_) if deaf => std::thread::sleep(Duration::from_secs(600)),
                Ok(0) | Err(_) => std::process::exit(0),
                Ok(count) => side.feed(&buffer[..count]).into_iter().for_each(|heard| {
                    let _ = sender.send(heard);
                }),
            }
        }
    });
    receiver
}

/// Never ends, and never lets a reader rest.
fn shout(to_errors: bool) {
    let lines = [&b"y".repeat(1023)[..], b"\n"].concat().repeat(64);
    loop {
        let written = if to_errors { std::io::stderr().write_all(&lines) } else { std::io::stdout().lock().write_all(&lines) };
        if written.is_err() {
            return;
        }
    }
}

fn put(bytes: &[u8]) {
    let mut out = std::io::stdout().lock();
    if out.write_all(bytes).and_then(|()| out.flush()).is_err() {
        std::process::exit(0);
    }
}

fn eprintln_line(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

impl Agent {
    fn has(&self, word: &str) -> bool {
        self.words.iter().any(|own| own == word)
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.words.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('=')?.parse().ok())
    }

    fn send(&mut self, frame: &Frame) {
        let bytes = self.frames.write(frame);
        put(&bytes);
    }

    fn hello(&mut self) {
        std::thread::sleep(Duration::from_millis(self.number("slow-hello").unwrap_or(0)));
        let hello = Hello {
            proto: self.number("proto").and_then(|n| u32::try_from(n).ok()).unwrap_or(1),
            ps: "5.1.0".into(),
            edition: if self.has("core") { "Core" } else { "Desktop" }.into(),
            bits: if self.has("32-bit") { 32 } else { 64 },
            lang: if self.has("jea") { "NoLanguage" } else { "FullLanguage" }.into(),
            machine: "EC01\u{1b}[31m".into(),
            user: "CONTOSO\\anna".into(),
            pid: std::process::id(),
            stdin_isolated: !self.has("shared-input"),
            elevated: Some(!self.has("not-elevated")),
            adsync: Some(!self.has("no-module")),
            ..Hello::default()
        };
        self.send(&Frame::Hello(hello));
    }

    fn serve(&mut self) {
        while let Ok(heard) = self.heard.recv() {
            match heard {
                Heard::StageOne { nonce } => {
                    self.frames = FrameWriter::new(&nonce);
                    self.send(&Frame::Ready);
                }
                Heard::Script(_) => self.hello(),
                Heard::Request(Ok(request)) => self.request(request),
                Heard::Request(Err(why)) => self.send(&Frame::Oops { message: Some(why), err: None }),
                Heard::Nonsense(why) => {
                    eprintln_line(&why);
                    std::process::exit(2);
                }
            }
        }
    }

    fn request(&mut self, request: Request) {
        match request {
            Request::Ping { id } => self.send(&Frame::Pong { id }),
            Request::Read { id, groups, .. } => {
                for group in groups {
                    if group == Group::Events && self.has("slow-events") {
                        self.wait(Duration::from_secs(600), "");
                    }
                    let (values, errors) = self.answer(group);
                    let server_utc = "2026-11-21T03:00:00Z".to_owned();
                    self.send(&Frame::Reading { id: id.clone(), group, server_utc, ms: 1, values, errors });
                }
                self.end(id, "Completed", None, None, None);
            }
            Request::Run { id, script, command, into, .. } => {
                let received = if self.has("wrong-sha") { "another text" } else { script.as_str() };
                let sha256 = lockstep::text::hex(&Sha256::digest(received.as_bytes()));
                self.send(&Frame::Started { id: id.clone(), sha256 });
                match command {
                    Some(command) => {
                        self.out(&id, Stream::Stdout, &format!("{}\n", json!(command)), None);
                        self.end(id, "Completed", None, None, None);
                    }
                    None => self.run(&id, &script, into),
                }
            }
            Request::Parse { id, script } => self.parse(id, &script),
            Request::Cancel { .. } => {}
            Request::Bye => {
                self.send(&Frame::Bye);
                std::process::exit(0);
            }
        }
    }

    /// A line `syntax TEXT` is one that cannot be read, for that reason.
    fn parse(&mut self, id: String, script: &str) {
        let lines = script.lines().enumerate();
        let wrong: Vec<_> = lines.filter_map(|(at, line)| Some((at + 1, line.trim().strip_prefix("syntax ")?))).collect();
        let Some((first, _)) = wrong.first() else { return self.end(id, "Completed", None, None, None) };
        let err = ErrorRecord {
            message: wrong.iter().map(|(line, text)| format!("line {line}: {text}")).collect::<Vec<_>>().join("\n"),
            fqid: "Fake".into(),
            category: "ParserError".into(),
            line: u64::try_from(*first).ok(),
            position: "syntax".into(),
            ..ErrorRecord::default()
        };
        self.end(id, "Failed", None, None, Some(err));
    }

    fn answer(&self, group: Group) -> (Map<String, Json>, BTreeMap<String, ErrorRecord>) {
        let mut values = Map::from_iter([("Host".to_owned(), json!("EC01"))]);
        let mut errors = BTreeMap::new();
        if group == Group::Core && self.has("service-stopped") {
            values.insert("Service".to_owned(), json!({ "Status": "Stopped", "StartType": "Automatic" }));
        }
        if group == Group::Core && self.has("module-broken") {
            let message = "The module ADSync is there but cannot be loaded: bad image".to_owned();
            errors.insert("Installed".to_owned(), ErrorRecord { message, ..ErrorRecord::default() });
        }
        (values, errors)
    }

    fn end(&mut self, id: String, state: &str, why: Option<&str>, exit: Option<i64>, err: Option<ErrorRecord>) {
        let errors = err.is_some();
        self.send(&Frame::End { id, state: state.into(), why: why.map(str::to_owned), errors, exit, ms: 1, err, dropped: 0 });
    }

    fn out(&mut self, id: &str, s: Stream, d: &str, err: Option<ErrorRecord>) {
        self.send(&Frame::Out(Out { id: id.into(), s, d: d.into(), err, a: None, pct: None, done: None }));
    }

    fn run(&mut self, id: &str, script: &str, into: bool) {
        let mut exit = None;
        for line in script.lines() {
            let (deed, text) = line.split_once(' ').unwrap_or((line, ""));
            let error = || ErrorRecord { message: text.into(), fqid: "Fake".into(), ..ErrorRecord::default() };
            match deed {
                "say" => self.out(id, Stream::Stdout, &format!("{text}\n"), None),
                "warn" => self.out(id, Stream::Warning, text, None),
                "native" => self.out(id, Stream::NativeErr, &format!("{text}\n"), None),
                "error" => self.out(id, Stream::Error, "", Some(error())),
                "fail" => return self.end(id.into(), "Failed", None, exit, Some(error())),
                "record" if into => {
                    let v = json!({ "Name": "contoso.com", "Since": { "$datetime": "2026-11-21T03:00:00Z" }, "Count": 3 });
                    let Json::Object(v) = v else { unreachable!("an object") };
                    self.send(&Frame::Record { id: id.into(), v });
                }
                "pour" => self.pour(id, text.parse().expect("MiB")),
                "lines" => (0..text.parse::<u64>().expect("lines")).for_each(|n| {
                    self.out(id, Stream::Stdout, &format!("line {n} of the output of a command\n"), None);
                }),
                "flood" => self.flood(id, text.parse().expect("MiB")),
                "exit" => exit = text.parse().ok(),
                "wait" if self.wait(Duration::from_secs(600), id) => {
                    return self.end(id.into(), "Stopped", Some("cancel"), exit, None);
                }
                "ignore" => {
                    self.wait(Duration::from_secs(600), id);
                    self.send(&Frame::Stuck { id: id.into(), ms: 5000 });
                    self.wait(Duration::from_secs(600), "");
                }
                "die" => {
                    let bytes = self.frames.write(&Frame::Bye);
                    put(&bytes[..bytes.len() / 2]);
                    std::process::exit(3);
                }
                "noise" => put(format!("{text}\n").as_bytes()),
                "gap" => {
                    let _ = self.frames.write(&Frame::Bye);
                    self.out(id, Stream::Stdout, "after the gap\n", None);
                }
                "busy" => self.send(&Frame::Busy { id: id.into(), ms: text.parse().expect("ms") }),
                "sleep" => std::thread::sleep(Duration::from_millis(text.parse().expect("ms"))),
                "freeze" => std::thread::sleep(Duration::from_secs(600)),
                _ => {}
            }
        }
        self.end(id.into(), "Completed", None, exit, None);
    }

    /// Answers pings. True where the run was cancelled.
    fn wait(&mut self, limit: Duration, id: &str) -> bool {
        let until = Instant::now() + limit;
        loop {
            match self.heard.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(Heard::Request(Ok(Request::Cancel { id: run }))) if run == id => return true,
                Ok(Heard::Request(Ok(Request::Ping { id }))) => self.send(&Frame::Pong { id }),
                Ok(Heard::Request(Ok(Request::Bye))) => std::process::exit(0),
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return false,
            }
        }
    }

    /// As fast as a pipe takes it: the frames are alike but for their numbers.
    fn pour(&mut self, id: &str, mib: u64) {
        let text = "The quick brown fox jumps over the lazy dog, again and again, 0123456789.\n".repeat(130);
        let count = mib * 1024 * 1024 / text.len() as u64;
        let pattern = |writer: &mut FrameWriter| {
            let out = Out { id: id.into(), s: Stream::Stdout, d: text.clone(), err: None, a: None, pct: None, done: None };
            String::from_utf8(writer.write(&Frame::Out(out))).expect("ASCII")
        };
        let first = pattern(&mut self.frames);
        let (head, rest) = first.split_once("\"n\":").expect("a number");
        let digits = rest.find(',').expect("more fields");
        let begin: u64 = rest[..digits].parse().expect("a number");
        let (head, tail) = (format!("{head}\"n\":"), rest[digits..].to_owned());
        put(first.as_bytes());
        let mut block = Vec::new();
        for n in begin + 1..begin + count {
            let _ = self.frames.write(&Frame::Bye);
            block.extend_from_slice(head.as_bytes());
            let _ = write!(block, "{n}");
            block.extend_from_slice(tail.as_bytes());
            if block.len() > 256 * 1024 {
                put(&block);
                block.clear();
            }
        }
        put(&block);
    }

    fn flood(&mut self, id: &str, mib: u64) {
        let text = "The quick brown fox jumps over the lazy dog, again and again, 0123456789.\n".repeat(130);
        let frames = mib * 1024 * 1024 / text.len() as u64;
        for _ in 0..frames {
            self.out(id, Stream::Stdout, &text, None);
            if let Ok(Heard::Request(Ok(Request::Ping { id }))) = self.heard.try_recv() {
                self.send(&Frame::Pong { id });
            }
        }
    }
}
