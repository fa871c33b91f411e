//! Files of the server for the shell's own commands: read and written by the server's commands, as a script would.

use super::super::error;
use super::super::host::{Arguments, Invocation, Reply};
use super::super::item::Item;
use super::pipeline::Call;
use super::{Evaluator, Flow};

impl Evaluator {
    /// The text of a file. `None`: it could not be read, which is reported as an error of the command that asked.
    pub async fn read_file(&mut self, call: &Call, path: &str) -> Result<Option<String>, Flow> {
        let named = [("Path", Item::from(path)), ("Raw", Item::from(true))];
        match self.on_server("Get-Content", named).await {
            Reply::Done(items) => Ok(Some(items.first().and_then(Item::as_text).unwrap_or_default().to_owned())),
            other => self.file_failed(call, other).map(|()| None),
        }
    }

    /// Writes a file, or adds to one.
    pub async fn write_file(&mut self, call: &Call, path: &str, text: String, append: bool) -> Result<(), Flow> {
        let command = if append { "Add-Content" } else { "Set-Content" };
        let named = [("Path", Item::from(path)), ("Value", Item::from(text)), ("NoNewline", Item::from(true))];
        match self.on_server(command, named).await {
            Reply::Done(_) => Ok(()),
            other => self.file_failed(call, other),
        }
    }

    async fn on_server(&mut self, name: &'static str, named: impl IntoIterator<Item = (&'static str, Item)>) -> Reply {
        let arguments = Arguments { named: named.into_iter().collect(), positional: Vec::new() };
        self.port.call(Invocation { name, arguments, began: self.port.now(), resumed: None }).await
    }

    fn file_failed(&mut self, call: &Call, reply: Reply) -> Result<(), Flow> {
        match reply {
            Reply::Failed(failure) => self.command_failed(call, failure),
            Reply::NotPlayed(what) => Err(self.refused(error::not_played_in(&what), &call.span)),
            _ => Err(self.not_played("files on this server", &call.span)),
        }
    }
}
