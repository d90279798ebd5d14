//! The whole page without a browser: every component is rendered natively in many states, and what came out is read as
//! a visitor, a screen reader or an attacker would. What effects, the pointer and the canvas do is tested in a real
//! browser (`tests/browser`).

#[path = "components/access.rs"]
mod access;
#[path = "components/beside.rs"]
mod beside;
#[path = "components/branches.rs"]
mod branches;
#[path = "components/by_path.rs"]
mod by_path;
#[path = "components/hostile.rs"]
mod hostile;
#[path = "components/numbers.rs"]
mod numbers;
#[path = "components/panels.rs"]
mod panels;
#[path = "components/promises.rs"]
mod promises;
#[path = "components/states.rs"]
mod states;
#[path = "components/things.rs"]
mod things;
#[path = "components/transport.rs"]
mod transport;
#[path = "components/words.rs"]
mod words;
