//! Placeholder of the painter.
use crate::scene::{Picture, Theme};
/// Paints.
pub fn paint(_context: &web_sys::CanvasRenderingContext2d, _picture: &Picture, _theme: &Theme, _ratio: f64) {}
