// SPDX-License-Identifier: GPL-2.0

//! A table of text: columns as wide as their contents, the last one free.

/// Lays out rows under a heading.
pub fn render(heading: &[&str], rows: &[Vec<String>]) -> String {
    let columns = heading.len();
    let width = |column: usize| {
        let cells = rows
            .iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count());
        cells
            .chain(heading.get(column).map(|cell| cell.chars().count()))
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |cells: Vec<&str>| {
        let padded = cells
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"));
        format!("{}\n", padded.collect::<Vec<_>>().join("  ").trim_end())
    };
    let mut text = line(heading.to_vec());
    for row in rows {
        text.push_str(&line(row.iter().map(String::as_str).collect()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::render;

    #[test]
    fn columns_align() {
        let rows = [
            vec!["a".into(), "long value".into()],
            vec!["bcd".into(), "v".into()],
        ];
        assert_eq!(
            render(&["F", "Value"], &rows),
            "F    Value\na    long value\nbcd  v\n"
        );
    }
}
