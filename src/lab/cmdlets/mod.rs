//! The commands that the servers of the lab know.
