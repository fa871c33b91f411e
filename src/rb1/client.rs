//! Our side of one agent process, without any IO: bootstrap, protocol check, requests, and what comes back. The real
//! transports and the lab in process drive this same state machine.

use super::decode::{Decoder, Incoming};
use super::encode::request_line;
use super::{Frame, Request};

/// The protocol version that this program speaks.
pub const PROTO: u32 = 1;

/// How much noise is borne before the agent says anything, in bytes.
pub const MAX_BANNER: usize = 1024 * 1024;

/// The command line every PowerShell is started with: fixed, readable, and neutral to the quoting of cmd, PowerShell and sh.
/// It runs the first line of its input, which is [`stage_one`]. (Never name the pipeline's input variable here: the host
/// would then read the stream itself.)
pub const STAGE_ZERO: [&str; 5] =
    ["-NoLogo", "-NoProfile", "-NonInteractive", "-Command", "& ([scriptblock]::Create([Console]::In.ReadLine()))"];

/// The one line that opens the agent's own reader, says `ready`, takes the script up to a line `.`, and runs it.
pub fn stage_one(nonce: &str) -> String {
    format!(
        "$ProgressPreference = 'SilentlyContinue'; \
         $r = New-Object System.IO.StreamReader([Console]::OpenStandardInput(), (New-Object System.Text.UTF8Encoding($false))); \
         $o = [Console]::OpenStandardOutput(); \
         $b = [System.Text.Encoding]::ASCII.GetBytes('@RB1 {nonce} {{\"t\":\"ready\"}}' + [char]10); \
         $o.Write($b, 0, $b.Length); $o.Flush(); \
         $t = New-Object System.Text.StringBuilder; \
         while (($null -ne ($l = $r.ReadLine())) -and ($l -cne '.')) {{ [void]$t.Append($l).Append([char]10) }}; \
         & ([scriptblock]::Create($t.ToString())) $r '{nonce}' $t.ToString()"
    )
}

/// What to do after feeding bytes, in order.
#[expect(clippy::large_enum_variant, reason = "handled at once, never kept")]
#[derive(Debug, Clone, PartialEq)]
pub enum Turn {
    /// Write these bytes to the agent.
    Send(Vec<u8>),
    /// A frame for the caller; `hello` has been checked.
    Frame(Frame),
    /// Text for the connection log, unsanitised.
    Noise(String),
    /// The agent that is installed there speaks another protocol: this one. It will do so the next time, too.
    OtherProtocol(u32),
    /// This process is of no use any more, and why.
    Broken(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    AwaitReady,
    AwaitHello,
    Live,
    Over,
}

/// One agent process as its client sees it.
#[derive(Debug, Clone)]
pub struct Client {
    nonce: String,
    script: String,
    decoder: Decoder,
    stage: Stage,
    banner: usize,
    open: Option<String>,
}

impl Client {
    /// An agent that is given its script over its input. `nonce` is 16 hexadecimal digits, new for each process.
    pub fn new(nonce: String, agent_script: &str) -> Self {
        Self { script: agent_script.to_owned(), stage: Stage::AwaitReady, ..Self::installed(nonce) }
    }

    /// An agent that is a file on the server, started with `-File PATH -Nonce NONCE`: it says `hello` by itself.
    pub fn installed(nonce: String) -> Self {
        let decoder = Decoder::new(&nonce);
        Self { nonce, script: String::new(), decoder, stage: Stage::AwaitHello, banner: 0, open: None }
    }

    /// The bytes to write first; the rest of the bootstrap comes as [`Turn::Send`].
    pub fn opening(&self) -> Vec<u8> {
        if self.stage == Stage::AwaitReady { format!("{}\n", stage_one(&self.nonce)).into_bytes() } else { Vec::new() }
    }

    /// Takes what the agent wrote.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Turn> {
        let mut turns = Vec::new();
        for incoming in self.decoder.feed(bytes) {
            self.take(incoming, &mut turns);
        }
        turns
    }

    /// The agent's output is at its end: what is left of it.
    pub fn finish(&mut self) -> Vec<Turn> {
        let mut turns = Vec::new();
        if let Some(incoming) = self.decoder.finish() {
            self.take(incoming, &mut turns);
        }
        self.stage = Stage::Over;
        turns
    }

    /// The line of a request. Only one that is answered by `end` may be open at a time: that is the caller's rule.
    pub fn request(&mut self, request: &Request) -> Vec<u8> {
        if let Request::Read { id, .. } | Request::Run { id, .. } | Request::Parse { id, .. } = request {
            self.open = Some(id.clone());
        }
        request_line(request)
    }

    /// The request whose `end` has not come yet.
    pub fn open(&self) -> Option<&str> {
        self.open.as_deref()
    }

    /// Whether `hello` came and the agent takes requests.
    pub fn is_live(&self) -> bool {
        self.stage == Stage::Live
    }

    fn take(&mut self, incoming: Incoming, turns: &mut Vec<Turn>) {
        if self.stage == Stage::Over {
            return;
        }
        match incoming {
            Incoming::Frame(frame) => self.frame(frame, turns),
            Incoming::Noise(text) => {
                self.banner += text.len();
                turns.push(Turn::Noise(text));
                if self.stage != Stage::Live && self.banner > MAX_BANNER {
                    self.broken(format!("more than {MAX_BANNER} bytes came before the agent said anything"), turns);
                }
            }
            Incoming::Broken(why) => self.broken(why, turns),
        }
    }

    fn frame(&mut self, frame: Frame, turns: &mut Vec<Turn>) {
        match (self.stage, frame) {
            (Stage::AwaitReady, Frame::Ready) => {
                self.stage = Stage::AwaitHello;
                turns.push(Turn::Send(script_lines(&self.script)));
            }
            (Stage::AwaitHello, Frame::Hello(hello)) if hello.proto != PROTO => {
                self.stage = Stage::Over;
                turns.push(Turn::OtherProtocol(hello.proto));
            }
            (Stage::AwaitHello, Frame::Hello(hello)) => {
                self.stage = Stage::Live;
                turns.push(Turn::Frame(Frame::Hello(hello)));
            }
            (Stage::AwaitReady | Stage::AwaitHello, Frame::Oops { message, err }) => {
                let why = message.or_else(|| err.map(|err| err.message)).unwrap_or_default();
                self.broken(format!("the agent could not start: {why}"), turns);
            }
            (Stage::Live, Frame::Bye) => {
                self.stage = Stage::Over;
                turns.push(Turn::Frame(Frame::Bye));
            }
            (Stage::Live, frame) => self.answer(frame, turns),
            (_, frame) => turns.push(Turn::Noise(format!("a frame out of its place: {frame:?}"))),
        }
    }

    fn answer(&mut self, frame: Frame, turns: &mut Vec<Turn>) {
        match frame.request_id() {
            Some(id) if Some(id) != self.open.as_deref() => {
                turns.push(Turn::Noise(format!("a frame for the request '{id}', which is not open")));
            }
            _ => {
                if matches!(frame, Frame::End { .. }) {
                    self.open = None;
                }
                turns.push(Turn::Frame(frame));
            }
        }
    }

    fn broken(&mut self, why: String, turns: &mut Vec<Turn>) {
        self.stage = Stage::Over;
        turns.push(Turn::Broken(why));
    }
}

/// The script as its bootstrap wants it: `\n` line ends, then the line that ends it.
fn script_lines(script: &str) -> Vec<u8> {
    let mut bytes = script.replace("\r\n", "\n").into_bytes();
    if bytes.last() != Some(&b'\n') {
        bytes.push(b'\n');
    }
    bytes.extend_from_slice(b".\n");
    bytes
}
