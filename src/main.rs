//! The page's entry point. Natively there is nothing to mount, and it says what to run instead.

#[cfg(feature = "web")]
fn main() {
    mqscope::app::panic::install();
    let root =
        gloo::utils::document().get_element_by_id("app").expect("index.html has an element for the page");
    yew::Renderer::<mqscope::app::App>::with_root(root).render();
}

#[cfg(not(feature = "web"))]
fn main() {
    eprintln!("This binary is the page. Run `cargo xtask serve` to build and open it.");
}
