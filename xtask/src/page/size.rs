//! How much a visitor downloads.

use crate::process::Outcome;
use std::{fs, io::Write, path::Path};

/// The program's size: as it is, and as servers commonly send it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub(crate) raw: usize,
    pub(crate) gzip: usize,
    pub(crate) brotli: usize,
}

impl Sizes {
    /// Adds up the WebAssembly module and its script in a built page.
    pub(crate) fn measure(page: &Path) -> Outcome<Self> {
        let mut sizes = Self { raw: 0, gzip: 0, brotli: 0 };
        let failed = |problem: std::io::Error| format!("cannot measure {}: {problem}", page.display());
        for entry in fs::read_dir(page).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.extension().is_some_and(|extension| extension == "wasm") {
                let bytes = fs::read(&path).map_err(failed)?;
                sizes.raw += bytes.len();
                sizes.gzip += gzip(&bytes).map_err(failed)?;
                sizes.brotli += brotli(&bytes).map_err(failed)?;
            }
        }
        Ok(sizes)
    }

    /// Says them in one line.
    pub(crate) fn print(self) {
        let kb = |bytes: usize| format!("{}.{} kB", bytes / 1000, bytes % 1000 / 100);
        println!("wasm: {} raw, {} gzip, {} brotli", kb(self.raw), kb(self.gzip), kb(self.brotli));
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
