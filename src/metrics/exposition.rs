//! [Meters](super::meters) as text: the Prometheus format that monitoring systems read, and a table for spreadsheets.

use std::fmt::Write;

use super::meters::{Histogram, Labels, Meter, Series};

/// The Prometheus text format, version 0.0.4.
pub fn prometheus(meters: &[Meter]) -> String {
    let mut text = String::new();
    for Meter { name, help, series } in meters {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {}", kind(series));
        for_each_line(name, series, |line| {
            let labels: Vec<String> =
                line.labels.iter().map(|(label, value)| format!("{label}=\"{}\"", escaped(value))).collect();
            let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
            let _ = writeln!(text, "{}{labels} {}", line.name, line.value);
        });
    }
    text
}

/// The same lines with commas between: metric, labels, value.
pub fn csv(meters: &[Meter]) -> String {
    let mut text = "metric,type,labels,value\n".to_owned();
    for Meter { name, series, .. } in meters {
        for_each_line(name, series, |line| {
            let labels: Vec<String> =
                line.labels.iter().map(|(label, value)| format!("{label}={value}")).collect();
            let labels = labels.join(";").replace('"', "\"\"");
            let _ = writeln!(text, "{},{},\"{labels}\",{}", line.name, kind(series), line.value);
        });
    }
    text
}

/// One number of a metric.
struct Line<'a> {
    name: String,
    labels: &'a Labels,
    value: u64,
}

fn kind(series: &Series) -> &'static str {
    match series {
        Series::Gauge(_) => "gauge",
        Series::Counter(_) => "counter",
        Series::Histogram(_) => "histogram",
    }
}

fn for_each_line(name: &str, series: &Series, mut line: impl FnMut(Line<'_>)) {
    match series {
        Series::Gauge(all) | Series::Counter(all) => {
            for (labels, value) in all {
                line(Line { name: name.to_owned(), labels, value: *value });
            }
        }
        Series::Histogram(all) => {
            for (labels, Histogram { bounds, counts, sum }) in all {
                let mut total = 0;
                for (index, count) in counts.iter().enumerate() {
                    total += count;
                    let bound = bounds.get(index).map_or("+Inf".to_owned(), u64::to_string);
                    let mut labels = labels.clone();
                    labels.push(("le", bound));
                    line(Line { name: format!("{name}_bucket"), labels: &labels, value: total });
                }
                line(Line { name: format!("{name}_sum"), labels, value: *sum });
                line(Line { name: format!("{name}_count"), labels, value: total });
            }
        }
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
