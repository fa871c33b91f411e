//! The two streams that must never wait for the task that serves an agent: its input, which a busy agent may not read for a
//! while, and its standard error, which has to be drained whatever happens.

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Sender, UnboundedReceiver};

use super::refusal::cleaned;

/// The longest line of standard error that is kept, in bytes.
const LINE: usize = 64 * 1024;

/// Writes what is queued; the queue's end is the input's end.
pub(super) async fn write_input(mut queue: UnboundedReceiver<Vec<u8>>, mut input: Box<dyn AsyncWrite + Send + Unpin>) {
    while let Some(bytes) = queue.recv().await {
        // A broken pipe is seen, and told, by whoever reads the other side.
        if input.write_all(&bytes).await.is_err() || input.flush().await.is_err() {
            return;
        }
    }
    let _ = input.shutdown().await;
}

/// How many texts of standard error may wait. A server that floods it fills no memory: what comes meanwhile is left out.
pub(super) const WAITING: usize = 64;

/// Reads standard error to its end and passes its lines on, cleaned of CLIXML; several at once where they came at once.
pub(super) async fn read_errors(mut errors: Box<dyn AsyncRead + Send + Unpin>, texts: Sender<String>) {
    let mut buffer = vec![0; 16 * 1024];
    let mut line = Vec::new();
    let mut left_out = 0;
    while let Ok(count @ 1..) = errors.read(&mut buffer).await {
        let mut text = String::new();
        for piece in buffer[..count].split_inclusive(|byte| *byte == b'\n') {
            line.extend_from_slice(&piece[..piece.len().min(LINE - line.len().min(LINE))]);
            if piece.ends_with(b"\n") {
                add_line(&line, &mut text);
                line.clear();
            }
        }
        pass_on(text, &texts, &mut left_out);
    }
    let mut text = String::new();
    add_line(&line, &mut text);
    pass_on(text, &texts, &mut left_out);
}

fn add_line(line: &[u8], text: &mut String) {
    let cleaned = cleaned(String::from_utf8_lossy(line).trim_end_matches(['\r', '\n']));
    let cleaned = cleaned.trim_end();
    if !cleaned.is_empty() {
        text.push_str(cleaned);
        text.push('\n');
    }
}

fn pass_on(mut text: String, texts: &Sender<String>, left_out: &mut usize) {
    if text.is_empty() {
        return;
    }
    if *left_out > 0 {
        text = format!("[{left_out} bytes of standard error were left out here]\n{text}");
    }
    match texts.try_send(text) {
        Err(TrySendError::Full(text)) => *left_out += text.len(),
        // Nobody listens any more where the agent is being given up.
        Ok(()) | Err(TrySendError::Closed(_)) => *left_out = 0,
    }
}
