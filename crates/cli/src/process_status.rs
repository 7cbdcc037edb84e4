//! What Linux says of this process.

/// A field of `/proc/self/status`, such as `Umask`; nothing where the system does not say.
pub(crate) fn field(name: &str) -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let value = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    value.map(|value| value.trim().to_owned())
}
