//! The page's entry point. Natively there is nothing to mount, and it says what to run instead.

#[cfg(feature = "web")]
fn main() {}

#[cfg(not(feature = "web"))]
fn main() {
    eprintln!("This binary is the page. Run `cargo xtask serve` to build and open it.");
}
