//! The benchmarks, one JSON object a line. `cargo xtask bench` runs this natively and, with the feature `web`, as
//! WebAssembly in Node or a browser; [`platform`] is all that differs between them.

use serde_json::json;

fn main() {
    let start = platform::now_ns();
    let mut sum = 0u64;
    for n in 0..1_000_000u64 {
        sum = std::hint::black_box(sum.wrapping_mul(31).wrapping_add(n));
    }
    let ns = platform::now_ns() - start;
    platform::emit(&json!({ "bench": "clock", "target": platform::TARGET, "ns": ns }).to_string());
}

#[cfg(not(target_arch = "wasm32"))]
mod platform {
    use std::{sync::OnceLock, time::Instant};

    pub(crate) const TARGET: &str = "native";

    /// Nanoseconds on a clock that only goes forward.
    pub(crate) fn now_ns() -> f64 {
        static START: OnceLock<Instant> = OnceLock::new();
        START.get_or_init(Instant::now).elapsed().as_nanos() as f64
    }

    /// Prints a line.
    pub(crate) fn emit(line: &str) {
        println!("{line}");
    }
}

#[cfg(target_arch = "wasm32")]
mod platform {
    use js_sys::{Reflect, global};
    use wasm_bindgen::JsCast;
    use web_sys::Performance;

    pub(crate) const TARGET: &str = "wasm";

    /// Nanoseconds on a clock that only goes forward, which Node and browsers both have.
    pub(crate) fn now_ns() -> f64 {
        let clock = Reflect::get(&global(), &"performance".into()).expect("there is a clock");
        clock.unchecked_into::<Performance>().now() * 1e6
    }

    /// Prints a line.
    pub(crate) fn emit(line: &str) {
        gloo::console::log!(line);
    }
}
