//! health

/// id
pub const DUAL_ACTIVE: &str = "dual-active";
/// f
pub struct Finding {
    /// id
    pub id: String,
    /// s
    pub severity: Severity,
    /// t
    pub text: String,
    /// r
    pub remedy: String,
    /// s
    pub servers: Vec<crate::facts::ServerName>,
}
impl Finding {
    /// w
    pub fn words(&self) -> String {
        format!("{} {}", self.text, self.remedy)
    }
}
/// s
#[derive(Clone, Copy, PartialEq)]
pub enum Severity {
    /// c
    Critical,
    /// w
    Warning,
    /// i
    Information,
}
impl Severity {
    /// w
    pub fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Warning => "warning",
            Self::Information => "information",
        }
    }
}
