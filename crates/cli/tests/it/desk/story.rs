//! A document as steps: its text, and in its `console` blocks commands with what they print.

/// A document, taken apart so that putting the parts together gives it back.
pub struct Story {
    pub parts: Vec<Part>,
}

/// A piece of a document.
pub enum Part {
    /// Everything that is not a command.
    Text(String),
    /// A command, and the lines after it.
    Step { command: String, expected: String, line: usize },
}

impl Story {
    pub fn parse(text: &str) -> Self {
        let (mut parts, mut inside) = (Vec::new(), false);
        for (number, line) in text.lines().enumerate() {
            if line.starts_with("```") {
                inside = !inside && line == "```console";
                push(&mut parts, line);
            } else if let Some(command) = line.strip_prefix("$ ").filter(|_| inside) {
                parts.push(Part::Step { command: command.into(), expected: String::new(), line: number + 1 });
            } else if let Some(Part::Step { expected, .. }) = parts.last_mut().filter(|_| inside) {
                expected.push_str(&format!("{line}\n"));
            } else {
                push(&mut parts, line);
            }
        }
        Self { parts }
    }

    pub fn commands(&self) -> usize {
        self.parts.iter().filter(|part| matches!(part, Part::Step { .. })).count()
    }
}

fn push(parts: &mut Vec<Part>, line: &str) {
    match parts.last_mut() {
        Some(Part::Text(text)) => text.push_str(&format!("{line}\n")),
        _ => parts.push(Part::Text(format!("{line}\n"))),
    }
}
