//! Where a method is answered: its `google.api.http` annotation.

use http::Method;
use prost_reflect::{DynamicMessage, MethodDescriptor, Value};

use super::POOL;

/// The annotation.
const HTTP: &str = "google.api.http";

/// A path of a method.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Binding {
    pub(super) method: Method,
    /// Variables stand in braces, by the path of the field that they are; one that takes the rest begins with `*`.
    pub(super) path: String,
    /// The field that the body is; `*` = the whole request, empty = there is none.
    pub(super) body: String,
}

impl Binding {
    /// The fields that its path names, in order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let variables =
            self.path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
        variables.map(|name| name.trim_start_matches('*'))
    }
}

/// The paths of a method. Those that this program has no word for (custom verbs, other methods than GET and POST) are left out.
pub(super) fn of(method: &MethodDescriptor) -> Vec<Binding> {
    let Some(extension) = POOL.get_extension_by_name(HTTP) else { return Vec::new() };
    let options = method.options();
    if !options.has_extension(&extension) {
        return Vec::new();
    }
    let value = options.get_extension(&extension);
    let Some(rule) = value.as_message() else { return Vec::new() };
    let more = rule.get_field_by_name("additional_bindings");
    let more = more.as_ref().and_then(|more| more.as_list()).unwrap_or_default();
    std::iter::once(rule).chain(more.iter().filter_map(Value::as_message)).filter_map(binding).collect()
}

fn binding(rule: &DynamicMessage) -> Option<Binding> {
    let text = |name: &str| rule.get_field_by_name(name)?.as_str().map(str::to_owned);
    let of = |name: &str, method: Method| {
        let template = text(name).filter(|template| !template.is_empty())?;
        Some(Binding { method, path: path(&template)?, body: text("body").unwrap_or_default() })
    };
    of("get", Method::GET).or_else(|| of("post", Method::POST))
}

/// A template as this program writes it: `{x}` for `{x=*}`, `{*x}` for `{x=**}`.
fn path(template: &str) -> Option<String> {
    let segments = template.strip_prefix('/')?.split('/').map(segment).collect::<Option<Vec<_>>>()?;
    let rest = segments.iter().position(|segment| segment.starts_with("{*"));
    rest.is_none_or(|place| place + 1 == segments.len()).then(|| format!("/{}", segments.join("/")))
}

fn segment(segment: &str) -> Option<String> {
    let plain = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
    };
    let Some(variable) = segment.strip_prefix('{') else { return plain(segment).then(|| segment.to_owned()) };
    let variable = variable.strip_suffix('}')?;
    let (name, rest) = match variable.split_once('=') {
        None | Some((_, "*")) => (variable.split('=').next()?, ""),
        Some((name, "**")) => (name, "*"),
        Some(_) => return None,
    };
    plain(name).then(|| format!("{{{rest}{name}}}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_read_and_what_is_not_understood_is_no_path() {
        for (template, expected) in [
            ("/a/v1/b", Some("/a/v1/b")),
            ("/a/{x}/b", Some("/a/{x}/b")),
            ("/a/{x=*}", Some("/a/{x}")),
            ("/a/{x.y=**}", Some("/a/{*x.y}")),
            ("/a/{x=**}/b", None),
            ("/a/{x=c/*}", None),
            ("/a/b:verb", None),
            ("a/b", None),
            ("/a//b", None),
            ("/{x", None),
        ] {
            assert_eq!(path(template).as_deref(), expected, "{template}");
        }
    }
}
