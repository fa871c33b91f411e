//! One PowerShell of this machine that is asked whether texts are its language. Nothing runs there but its parser.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::mpsc::{Receiver, channel};
use tokio::time::{Instant, timeout_at};

use super::AGENT;
use super::refusal::of_protocol;
use super::streams::{WAITING, read_errors};
use super::transport::{Nonce, Opened, Transport};
use crate::rb1::syntax::SyntaxError;
use crate::rb1::{Client, Frame, Request, Turn};
use crate::text::Safe;

/// How long it may take to start.
const STARTING: Duration = Duration::from_secs(60);
/// How long it may take over one text.
const PARSING: Duration = Duration::from_secs(20);

/// What the parser finds wrong with each of the texts, in their order.
///
/// # Errors
/// In words: why there is no answer.
pub fn parse(transport: &dyn Transport, texts: &[&str]) -> Result<Vec<Vec<SyntaxError>>, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
    runtime.block_on(ask(transport, texts))
}

async fn ask(transport: &dyn Transport, texts: &[&str]) -> Result<Vec<Vec<SyntaxError>>, String> {
    let nonce = Nonce::random().map_err(|error| error.to_string())?;
    let Opened { mut input, output, errors, process } = transport.open(&nonce).map_err(|refusal| refusal.why)?;
    let (lines, told) = channel(WAITING);
    if let Some(errors) = errors {
        tokio::spawn(read_errors(errors, lines));
    }
    let mut talk = Talk { client: Client::new(nonce.as_str().to_owned(), AGENT), output, told, buffer: vec![0; 64 * 1024] };
    let mut to_send = talk.client.opening();
    let mut found = Vec::new();
    let mut until = Instant::now() + STARTING;
    while found.len() < texts.len() {
        let sent = async {
            input.write_all(&to_send).await?;
            input.flush().await
        };
        // Why it was not read is told by the other side.
        let _ = timeout_at(until, sent).await;
        to_send = Vec::new();
        for turn in talk.hear(until).await? {
            match turn {
                Turn::Send(bytes) => to_send.extend(bytes),
                Turn::Frame(Frame::End { state, .. }) if state == "Busy" => return Err("it is busy".to_owned()),
                Turn::Frame(Frame::End { err, .. }) => found.push(err.map(|err| err.syntax_errors()).unwrap_or_default()),
                Turn::Frame(Frame::Oops { message, err }) => {
                    return Err(message.or(err.map(|err| err.message)).unwrap_or_default());
                }
                Turn::OtherProtocol(found) => return Err(of_protocol(found).why),
                Turn::Broken(why) => return Err(why),
                Turn::Frame(_) | Turn::Noise(_) => {}
            }
        }
        if let Some(text) = texts.get(found.len()).filter(|_| talk.client.is_live() && talk.client.open().is_none()) {
            until = Instant::now() + PARSING;
            let request = Request::Parse { id: format!("parse{}", found.len()), script: (*text).to_owned() };
            to_send.extend(talk.client.request(&request));
        }
    }
    drop(process);
    Ok(found)
}

struct Talk {
    client: Client,
    output: Box<dyn AsyncRead + Send + Unpin>,
    told: Receiver<String>,
    buffer: Vec<u8>,
}

impl Talk {
    /// What it says next.
    async fn hear(&mut self, until: Instant) -> Result<Vec<Turn>, String> {
        match timeout_at(until, self.output.read(&mut self.buffer)).await {
            Err(_) => Err("it does not answer".to_owned()),
            // One that never stops talking has no moment in which its time could run out.
            Ok(Ok(1..)) if Instant::now() >= until => Err("it does not answer".to_owned()),
            Ok(Ok(count @ 1..)) => Ok(self.client.feed(&self.buffer[..count])),
            Ok(ended) => {
                // Why it ended is mostly said on standard error.
                let last = timeout_at(Instant::now() + Duration::from_millis(500), self.told.recv()).await.ok().flatten();
                let last = last.and_then(|text| text.lines().next().map(str::to_owned));
                let why = last.or(ended.err().map(|error| error.to_string()));
                Err(why.map_or_else(|| "it ended".to_owned(), |why| format!("it ended: {}", Safe::line(&why))))
            }
        }
    }
}
