//! The other side of the bootstrap, without any IO: what an agent hears on its input. The lab and the fake agent of the
//! tests answer the very bytes that a real agent gets.

use super::Request;
use super::encode::parse_request;

/// What came in.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// Stage 1, with the nonce that it holds: answer `ready`.
    StageOne {
        /// The nonce of every frame
        nonce: String,
    },
    /// The whole script: answer `hello`.
    Script(String),
    /// A request, or why it cannot be read (answer `oops`).
    Request(Result<Request, String>),
    /// The bootstrap is not one of ours: give up.
    Nonsense(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    AwaitStageOne,
    Script,
    Serving,
    GivenUp,
}

/// An agent's input as a state machine.
#[derive(Debug, Clone)]
pub struct AgentSide {
    stage: Stage,
    line: Vec<u8>,
    script: String,
}

impl Default for AgentSide {
    fn default() -> Self {
        Self::new()
    }
}

impl AgentSide {
    /// Waits for stage 1.
    pub fn new() -> Self {
        Self { stage: Stage::AwaitStageOne, line: Vec::new(), script: String::new() }
    }

    /// An agent that runs from a file has had its bootstrap: requests come at once.
    pub fn installed() -> Self {
        Self { stage: Stage::Serving, ..Self::new() }
    }

    /// Takes the next bytes of the input and gives what they completed.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Heard> {
        let mut heard = Vec::new();
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                let line = std::mem::take(&mut self.line);
                let text = String::from_utf8_lossy(&line);
                heard.extend(self.line(text.trim_end_matches(['\r', '\n'])));
            }
        }
        heard
    }

    fn line(&mut self, line: &str) -> Option<Heard> {
        match self.stage {
            Stage::AwaitStageOne => Some(if let Some(nonce) = nonce_of(line) {
                self.stage = Stage::Script;
                Heard::StageOne { nonce: nonce.to_owned() }
            } else {
                self.stage = Stage::GivenUp;
                Heard::Nonsense(format!("the first line holds no nonce: {line}"))
            }),
            Stage::Script if line == "." => {
                self.stage = Stage::Serving;
                Some(Heard::Script(std::mem::take(&mut self.script)))
            }
            Stage::Script => {
                self.script.push_str(line);
                self.script.push('\n');
                None
            }
            Stage::Serving => Some(Heard::Request(parse_request(line))),
            Stage::GivenUp => None,
        }
    }
}

fn nonce_of(stage_one: &str) -> Option<&str> {
    let (_, after) = stage_one.split_once("@RB1 ")?;
    let (nonce, _) = after.split_once(' ')?;
    (nonce.len() == 16 && nonce.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(nonce)
}
