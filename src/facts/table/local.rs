//! What the client knows of a server by itself: nothing of it travels.

use super::fact::Fact;
use super::fact::Kind::{Bool, Text, TimeSpan};
use crate::rb1::Group;

pub(super) static ROWS: &[&[Fact]] = &[&[
    Fact::local(&[], "Role", Text, "the runbook", "The role's name in the runbook"),
    Fact::local(&[], "Target", Text, "the session", "How the server is reached, as written"),
    Fact::local(&[Group::Core], "Reachable", Bool, "the connection", "The last request for the core group was answered"),
    Fact::local(&[], "Isolated", Bool, "the operator's record", "The operator has recorded that it cannot export"),
    Fact::local(&[Group::Core], "ClockSkew", TimeSpan, "the middle of a request", "Server clock minus console clock"),
    Fact::local(
        &[Group::Runs, Group::Statistics],
        "SinceDeltaSync",
        TimeSpan,
        "LastDeltaSync",
        "How long ago the last delta synchronization was",
    ),
    Fact::local(&[Group::Core, Group::Runs], "StagingFor", TimeSpan, "StagingSince", "How long it has been in staging").or_null(),
]];
