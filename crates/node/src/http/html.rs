//! Text on pages for people.

/// Text as HTML has it: none of it is taken for markup, inside an attribute neither.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_of_a_text_is_markup() {
        assert_eq!(
            super::escaped("<a href=\"x\" title='&'>é"),
            "&lt;a href=&quot;x&quot; title=&#39;&amp;&#39;&gt;é"
        );
    }
}
