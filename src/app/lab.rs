//! The simulated servers as the panel of a rehearsal shows them. Plain data: the runner fills it from the lab's world.

/// What the panel shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lab {
    /// Servers in the scenario's order
    pub servers: Vec<LabServer>,
    /// What should not be in this world, a line each
    pub alarms: Vec<String>,
    /// What there is to say of the directory and the tenant, a line each
    pub around: Vec<String>,
    /// What the lab understands: the form of each verb, and what it does
    pub verbs: Vec<(String, String)>,
}

/// One simulated server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LabServer {
    /// Its machine's name
    pub host: String,
    /// What it is, in one line
    pub state: String,
    /// What its wizard or installer shows
    pub wizard: Option<String>,
    /// What runs, or when the next cycle is due
    pub cycle: String,
    /// The faults it has
    pub faults: Vec<String>,
    /// What one would do at it now, ready to be said
    pub offers: Vec<String>,
}

impl Lab {
    /// What one would do now, over all servers.
    pub fn offers(&self) -> Vec<&str> {
        self.servers.iter().flat_map(|server| &server.offers).map(String::as_str).collect()
    }

    /// Verbs that what is written so far may become.
    pub fn matching(&self, written: &str) -> impl Iterator<Item = &(String, String)> {
        let first = written.split_whitespace().next().unwrap_or_default().to_lowercase();
        self.verbs.iter().filter(move |(form, _)| !first.is_empty() && form.to_lowercase().starts_with(&first))
    }
}
