//! As much of Rust's syntax as the checks need: which bytes are code and which are comments, and where functions begin and end.

/// A source file, taken apart. Both parts have the file's lines; what belongs to the other part, and the insides of literals, are
/// spaces.
pub struct Source {
    /// The code, with empty strings.
    pub code: String,
    /// What the comments say, with their slashes.
    pub comments: String,
}

/// A function with a body.
pub struct Function {
    /// Its name.
    pub name: String,
    /// The line it begins on, from 1.
    pub line: usize,
    /// How many lines it has, from `fn` to its last brace.
    pub lines: usize,
    /// Its parameters as written, `self` among them.
    pub parameters: Vec<String>,
}

/// What a piece of a file is.
#[derive(Clone, Copy, PartialEq)]
enum Piece {
    Code,
    Comment,
    Literal,
}

impl Source {
    /// Takes a file apart.
    pub fn parse(text: &str) -> Self {
        let (mut code, mut comments) = (String::new(), String::new());
        let mut rest = text;
        while !rest.is_empty() {
            let (piece, length) = next(rest, code.chars().next_back());
            let (taken, after) = rest.split_at(length);
            for char in taken.chars() {
                let blank = if char == '\n' { '\n' } else { ' ' };
                code.push(if piece == Piece::Code { char } else { blank });
                comments.push(if piece == Piece::Comment { char } else { blank });
            }
            rest = after;
        }
        Self { code, comments }
    }

    /// Every function with a body, those inside others too.
    pub fn functions(&self) -> Vec<Function> {
        let code = &self.code;
        let starts = code.match_indices("fn ").filter(|(at, _)| !code[..*at].ends_with(is_word));
        starts.filter_map(|(at, _)| function(code, at)).collect()
    }
}

fn is_word(char: char) -> bool {
    char.is_alphanumeric() || char == '_'
}

/// What a text begins with, and how long that piece is in bytes. `before` is the last character of code.
fn next(text: &str, before: Option<char>) -> (Piece, usize) {
    if text.starts_with("//") {
        return (Piece::Comment, text.find('\n').unwrap_or(text.len()));
    }
    if text.starts_with("/*") {
        return (Piece::Comment, text.find("*/").map_or(text.len(), |end| end + 2));
    }
    let raw = text.strip_prefix('b').unwrap_or(text);
    if let Some(hashes) = raw.strip_prefix('r').filter(|_| !before.is_some_and(is_word)) {
        let fence = hashes.len() - hashes.trim_start_matches('#').len();
        if hashes[fence..].starts_with('"') {
            let end = format!("\"{}", "#".repeat(fence));
            let opened = text.len() - hashes.len() + fence + 1;
            let length = text[opened..].find(&end).map_or(text.len(), |at| opened + at + end.len());
            return (Piece::Literal, length);
        }
    }
    match text.chars().next() {
        Some('"') => (Piece::Literal, string(text)),
        Some('\'') => character(text).map_or((Piece::Code, 1), |length| (Piece::Literal, length)),
        Some(char) => (Piece::Code, char.len_utf8()),
        None => (Piece::Code, 0),
    }
}

/// How long the string is that the text begins with.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, char) in text.char_indices().skip(1) {
        match char {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// How long the character literal is that the text begins with; none if it is a lifetime.
fn character(text: &str) -> Option<usize> {
    let inside = &text[1..];
    if let Some(escape) = inside.strip_prefix('\\') {
        let first = escape.chars().next()?.len_utf8();
        return escape[first..].find('\'').map(|end| 2 + first + end + 1);
    }
    let first = inside.chars().next()?.len_utf8();
    inside[first..].starts_with('\'').then_some(first + 2)
}

/// The function whose `fn` stands at a place, unless it has no body or no name.
fn function(code: &str, at: usize) -> Option<Function> {
    let named = &code[at + "fn ".len()..];
    let name: String = named.chars().take_while(|char| is_word(*char)).collect();
    if name.is_empty() {
        return None;
    }
    let mut place = at + "fn ".len() + name.len();
    if code[place..].starts_with('<') {
        place += closed(&code[place..], '<', '>')?;
    }
    let parameters = closed(&code[place..], '(', ')')?;
    let after = place + parameters;
    let body = after + body(&code[after..])?;
    let end = body + closed(&code[body..], '{', '}')?;
    Some(Function {
        name,
        line: code[..at].matches('\n').count() + 1,
        lines: code[at..end].matches('\n').count() + 1,
        parameters: listed(&code[place + 1..after - 1]),
    })
}

/// Where a body begins behind a function's parameters. The semicolon of an array's type ends nothing.
fn body(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, char) in text.char_indices() {
        match char {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            '{' => return Some(at),
            ';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// How long the bracketed text is that a text begins with. An arrow's head closes nothing.
fn closed(text: &str, open: char, close: char) -> Option<usize> {
    let (mut depth, mut before) = (0_usize, ' ');
    for (at, char) in text.char_indices() {
        if char == open {
            depth += 1;
        } else if char == close && !(char == '>' && before == '-') {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                return Some(at + char.len_utf8());
            }
        }
        before = char;
    }
    None
}

/// The parts of a list that commas separate, without attributes.
pub fn listed(text: &str) -> Vec<String> {
    let (mut parts, mut depth, mut before) = (vec![String::new()], 0_usize, ' ');
    for char in text.chars() {
        match char {
            '(' | '[' | '{' | '<' => depth += 1,
            '>' if before == '-' => {}
            ')' | ']' | '}' | '>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if char == ',' && depth == 0 {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(char);
        }
        before = char;
    }
    parts.iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// How many values a parameter is: those of a tuple count one by one.
pub fn values(parameter: &str) -> usize {
    let Some((_, kind)) =
        parameter.replace("::", "  ").split_once(':').map(|(_, kind)| ((), kind.to_owned()))
    else {
        return 1;
    };
    let mut kind = kind.trim();
    while let Some(referenced) = kind.strip_prefix('&') {
        let lifetime =
            referenced.strip_prefix('\'').map_or(referenced, |named| named.trim_start_matches(is_word));
        kind = lifetime.trim_start();
        kind = kind.strip_prefix("mut ").unwrap_or(kind).trim_start();
    }
    match kind.strip_prefix('(').and_then(|tuple| tuple.strip_suffix(')')) {
        Some(tuple) => listed(tuple).len().max(1),
        None => 1,
    }
}

#[test]
fn comments_literals_and_lifetimes_are_told_apart() {
    let text =
        "fn a<'x>(b: &'x str) -> [u8; 2] { // fn c() {\n  let d = \"}\\\" // \"; r#\"}\"\"#; '\\''; '}'\n}\n";
    let source = Source::parse(text);
    assert!(source.comments.contains("// fn c() {") && !source.code.contains("fn c"));
    let [function] = &source.functions()[..] else { panic!("one function: {}", source.code) };
    assert_eq!((function.name.as_str(), function.line, function.lines), ("a", 1, 3));
    assert_eq!(function.parameters, ["b: &'x str"]);
}

#[test]
fn a_tuple_counts_as_its_values() {
    let source = Source::parse(
        "fn a(&self, b: fn(u8, u8) -> u8, &(c, d): &'a mut (u8, Vec<(u8, u8)>), e: [u8; 2]) {}",
    );
    let counts: Vec<usize> = source.functions()[0].parameters.iter().map(|one| values(one)).collect();
    assert_eq!(counts, [1, 1, 2, 1]);
}
