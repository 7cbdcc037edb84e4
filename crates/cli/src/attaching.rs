//! `--attach FILE`: what is attached to a message, brought to the node before it.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::time::Instant;

use sealdesk_client::actor::Actor;
use sealdesk_client::desk::Desk;
use sealdesk_client::files::{Attached, Attaching, FileToAttach};
use sealdesk_protocol::text::{file_name, line};
use tonic::transport::Channel;

use crate::context::Context;
use crate::failure::{Failure, at};

/// Seconds after which a person is told how far it is.
const QUIET_SECONDS: u64 = 1;

/// The files of a message.
#[derive(Debug, clap::Args)]
pub(crate) struct Attachments {
    /// Attach a file, sealed like the message; may be given up to 16 times. Number, padded size and time are PUBLIC
    #[arg(long = "attach", value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Attachments {
    /// No files.
    pub(crate) fn none() -> Self {
        Self { files: Vec::new() }
    }

    /// A contract keeps no files.
    pub(crate) fn refuse_on_stacks(&self) -> Result<(), Failure> {
        match self.files.is_empty() {
            true => Ok(()),
            false => Err(Failure::usage("a contract keeps no files", "leave --attach out")),
        }
    }

    /// Seals every file and brings it to the node. Nothing is brought where one of them cannot be read, or where the ledger would not
    /// take the message.
    pub(crate) async fn bring(
        &self,
        context: &Context,
        desk: &Desk<Channel>,
        me: &Actor,
        to: Attaching,
    ) -> Result<Vec<Attached>, Failure> {
        let mut opened = Vec::new();
        for path in &self.files {
            opened.push(open(path)?);
        }
        let sizes: Vec<u64> = opened.iter().map(|file| file.size).collect();
        desk.check_files(me, to, &sizes).await?;
        let mut attached = Vec::new();
        for file in opened {
            let name = file.name.clone();
            attached.push(desk.attach(me, file, &progress(context, "attaching", &name)).await?);
        }
        Ok(attached)
    }
}

fn open(path: &Path) -> Result<FileToAttach<BufReader<File>>, Failure> {
    let file = File::open(path).map_err(|error| at(path, &error))?;
    let found = file.metadata().map_err(|error| at(path, &error))?;
    if !found.is_file() {
        let message = format!("{} is not a file", line(&path.display().to_string()));
        return Err(Failure::usage(
            message,
            "name a file; put several into an archive, or give --attach several times",
        ));
    }
    let name = file_name(&path.file_name().unwrap_or_default().to_string_lossy());
    let media_type = media_type(&name).to_owned();
    Ok(FileToAttach { name, media_type, size: found.len(), read: BufReader::new(file) })
}

/// What a name says of a file's kind, for readers who choose a program by it; nothing where it says nothing.
fn media_type(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    match ending.as_deref() {
        Some("txt" | "log") => "text/plain",
        Some("csv") => "text/csv",
        Some("json") => "application/json",
        Some("pdf") => "application/pdf",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("gif") => "image/gif",
        Some("webp") => "image/webp",
        Some("zip") => "application/zip",
        Some("gz" | "tgz") => "application/gzip",
        _ => "application/octet-stream",
    }
}

/// Tells a person how far a file is, once it takes its time.
pub(crate) fn progress(context: &Context, doing: &str, name: &str) -> impl Fn(u32, u32) + Sync {
    let (output, begun, text) = (context.output(), Instant::now(), format!("{doing} {}", line(name)));
    move |done, all| {
        if begun.elapsed().as_secs() >= QUIET_SECONDS {
            let percent = u64::from(done) * 100 / u64::from(all.max(1));
            output.progress(&format!("{text}: {percent} %"));
            if done == all {
                output.progress("");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_kind_of_file_it_is_or_nothing() {
        for (name, kind) in [
            ("a.PNG", "image/png"),
            ("b.tar.gz", "application/gzip"),
            ("png", "application/octet-stream"),
            ("c.exe", "application/octet-stream"),
        ] {
            assert_eq!(media_type(name), kind, "{name}");
        }
    }
}
