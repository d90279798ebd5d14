//! How much a visitor downloads.

use crate::process::Outcome;
use std::{fs, io::Write, ops::AddAssign, path::Path};

/// The sizes of a built page.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sizes {
    /// The WebAssembly module.
    program: Size,
    /// With scripts and style sheets.
    page: Size,
}

/// A size as it is, and as servers commonly send it.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    raw: usize,
    gzip: usize,
    brotli: usize,
}

impl Sizes {
    /// Adds up what lies in a built page.
    pub(crate) fn measure(page: &Path) -> Outcome<Self> {
        let mut sizes = Self::default();
        let failed = |problem: std::io::Error| format!("cannot measure {}: {problem}", page.display());
        for entry in fs::read_dir(page).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let kind = path.extension().and_then(|extension| extension.to_str());
            if let Some("wasm" | "js" | "css") = kind {
                let size = Size::of(&fs::read(&path).map_err(failed)?).map_err(failed)?;
                sizes.page += size;
                if kind == Some("wasm") {
                    sizes.program += size;
                }
            }
        }
        Ok(sizes)
    }

    /// Says them, a line each.
    pub(crate) fn print(self) {
        let kb = |bytes: usize| format!("{}.{} kB", bytes / 1000, bytes % 1000 / 100);
        for (name, size) in [("wasm", self.program), ("with scripts and style sheets", self.page)] {
            println!("{name}: {} raw, {} gzip, {} brotli", kb(size.raw), kb(size.gzip), kb(size.brotli));
        }
    }
}

impl Size {
    fn of(bytes: &[u8]) -> std::io::Result<Self> {
        Ok(Self { raw: bytes.len(), gzip: gzip(bytes)?, brotli: brotli(bytes)? })
    }
}

impl AddAssign for Size {
    fn add_assign(&mut self, other: Self) {
        self.raw += other.raw;
        self.gzip += other.gzip;
        self.brotli += other.brotli;
    }
}

fn gzip(bytes: &[u8]) -> std::io::Result<usize> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

fn brotli(bytes: &[u8]) -> std::io::Result<usize> {
    let mut compressed = Vec::new();
    let params = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    brotli::BrotliCompress(&mut &bytes[..], &mut compressed, &params)?;
    Ok(compressed.len())
}
