//! The engine: what may happen next. `Engine::step` takes what the operator did, what was observed, or that time has
//! come, and answers with effects; it is pure, knows no keys and no screen, and drives a session on the screen and a
//! rehearsal without one alike.

pub mod act;
pub mod effect;
pub mod observed;

pub use act::Act;
pub use effect::Effect;
pub use observed::Observed;
