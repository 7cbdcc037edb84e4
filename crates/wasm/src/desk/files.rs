//! Files of messages. They are sealed and opened here, piece by piece; the page carries the pieces between its files and the node, so that
//! it can show how far it is, and stop.

use sealdesk_client::files::{Attaching, FileToSeal as Sealing, Opener, TicketFiles as Found};
use sealdesk_protocol::attachment::Layout;
use sealdesk_protocol::limits::{ATTACHED_BYTES_PER_MESSAGE_MAX, ATTACHMENTS_PER_MESSAGE_MAX};
use sealdesk_protocol::text::file_name;
use serde::Serialize;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::written::Written;
use super::{Desk, done, ticket_id};
use crate::error::{failed, of_client};
use crate::identity::Identity;
use crate::value::{from_js, to_js};

/// What the desk takes of files, proven.
#[derive(Serialize)]
struct Limits {
    /// Bytes of one, with its padding; 0 where the desk takes none.
    file_bytes_max: u64,
    /// Files of one message.
    files_max: usize,
    /// Bytes of all of them together, with their padding.
    message_bytes_max: u64,
}

/// A file as its readers are told of it.
#[derive(Serialize)]
struct Shown<'a> {
    number: usize,
    response_index: Option<u32>,
    name: Option<&'a str>,
    size: Option<u64>,
    pieces: Option<u32>,
    problem: Option<String>,
}

/// A file that is sealed piece by piece, under a key of its own.
#[wasm_bindgen]
pub struct FileToSeal(Sealing);

/// One sealed piece.
#[wasm_bindgen]
pub struct SealedPiece {
    hash: [u8; 32],
    bytes: Vec<u8>,
}

/// A file whose every piece is sealed. It is kept until the message that names it is sent.
#[wasm_bindgen]
pub struct AttachedFile(sealdesk_client::files::Attached);

/// The files of one message, in their order.
#[wasm_bindgen]
#[derive(Default)]
pub struct Attachments(pub(super) Vec<sealdesk_client::files::Attached>);

/// The files that a ticket's reader is told of.
#[wasm_bindgen]
pub struct TicketFiles(Found);

/// A file that is opened piece by piece.
#[wasm_bindgen]
pub struct FileOpener {
    opener: Opener,
    pieces: u32,
}

#[wasm_bindgen]
impl FileToSeal {
    /// Begins with a file of `size` bytes. Its name is made harmless.
    ///
    /// # Errors
    /// Where it is too large, or the browser gives no randomness.
    #[wasm_bindgen(constructor)]
    pub fn new(name: &str, media_type: &str, size: f64) -> Result<Self, JsValue> {
        let sealing = Sealing::new(&file_name(name), media_type, whole(size)?);
        sealing.map(Self).map_err(|error| failed(&error))
    }

    /// How many pieces it has.
    #[wasm_bindgen(getter)]
    pub fn pieces(&self) -> u32 {
        self.0.pieces()
    }

    /// How many bytes the next piece takes; undefined once all are sealed.
    pub fn takes(&self) -> Option<u32> {
        self.0.takes()
    }

    /// Seals the next piece.
    ///
    /// # Errors
    /// Where it has another number of bytes: the file has changed.
    pub fn seal(&mut self, part: &[u8]) -> Result<SealedPiece, JsValue> {
        let piece = self.0.seal(part).map_err(|error| failed(&error))?;
        Ok(SealedPiece { hash: piece.name, bytes: piece.bytes })
    }

    /// What goes into the message.
    ///
    /// # Errors
    /// Where pieces are missing.
    pub fn finish(self) -> Result<AttachedFile, JsValue> {
        self.0.finish().map(AttachedFile).map_err(|error| failed(&error))
    }
}

#[wasm_bindgen]
impl SealedPiece {
    /// What names it at the node: SHA-256 in hex.
    #[wasm_bindgen(getter)]
    pub fn name(&self) -> String {
        hex(&self.hash)
    }

    /// What the node keeps, given out once.
    #[wasm_bindgen(js_name = takeBytes)]
    pub fn take_bytes(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }
}

#[wasm_bindgen]
impl Attachments {
    /// None yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one, which can be added again where the message was not sent.
    pub fn add(&mut self, file: &AttachedFile) {
        self.0.push(file.0.clone());
    }
}

#[wasm_bindgen]
impl TicketFiles {
    /// What there is, in its order.
    ///
    /// # Errors
    /// Never for what this holds.
    #[wasm_bindgen(unchecked_return_type = "import(\"../views.js\").FileShown[]")]
    pub fn list(&self) -> Result<JsValue, JsValue> {
        let shown = self.0.all().iter().enumerate().map(|(place, found)| {
            let file = found.file.as_ref();
            Shown {
                number: place + 1,
                response_index: found.response,
                name: file.ok().map(|file| file.name()),
                size: file.ok().map(|file| file.size()),
                pieces: file.ok().map(|file| file.pieces()),
                problem: file.err().map(ToString::to_string),
            }
        });
        to_js(&shown.collect::<Vec<_>>())
    }

    /// Opens file `number`, counted from 1.
    ///
    /// # Errors
    /// Where it is not there, or cannot be opened.
    pub fn opener(&self, number: usize) -> Result<FileOpener, JsValue> {
        let found = number.checked_sub(1).and_then(|place| self.0.all().get(place));
        let found = found.ok_or_else(|| failed(&"this ticket does not have that file"))?;
        let file = found.file.as_ref().map_err(|error| failed(error))?;
        let opener = file.opener().map_err(|error| failed(&error))?;
        Ok(FileOpener { opener, pieces: file.pieces() })
    }
}

#[wasm_bindgen]
impl FileOpener {
    /// How many pieces it has.
    #[wasm_bindgen(getter)]
    pub fn pieces(&self) -> u32 {
        self.pieces
    }

    /// What names the next piece at the node; undefined once all are open.
    pub fn next(&self) -> Option<String> {
        self.opener.next_piece().map(|hash| hex(&hash))
    }

    /// Opens the next piece. It is a part of the file only once [`FileOpener::finish`] agrees.
    ///
    /// # Errors
    /// Where it is not that piece.
    pub fn open(&mut self, blob: &[u8]) -> Result<Vec<u8>, JsValue> {
        let mut opened = self.opener.open(blob).map_err(|error| failed(&error))?;
        Ok(std::mem::take(&mut *opened))
    }

    /// Agrees that the file is whole.
    ///
    /// # Errors
    /// Where a piece was not opened.
    pub fn finish(self) -> Result<(), JsValue> {
        self.opener.finish().map_err(|error| failed(&error))
    }
}

#[wasm_bindgen]
impl Desk {
    /// What the desk takes of files, proven.
    ///
    /// # Errors
    /// Where the node cannot be reached or proves nothing.
    #[wasm_bindgen(js_name = fileLimits, unchecked_return_type = "import(\"../views.js\").FileLimits")]
    pub async fn file_limits(&self) -> Result<JsValue, JsValue> {
        let params = self.0.params().await.map_err(|error| of_client(&error))?;
        to_js(&Limits {
            file_bytes_max: params.max_attachment_bytes.into(),
            files_max: ATTACHMENTS_PER_MESSAGE_MAX,
            message_bytes_max: ATTACHED_BYTES_PER_MESSAGE_MAX,
        })
    }

    /// What everybody sees of a file's size: its bytes with the padding; undefined where none can be that large.
    #[wasm_bindgen(js_name = paddedBytes)]
    pub fn padded_bytes(size: f64) -> Option<f64> {
        // Exact: no padded size has more than 2^30 bytes.
        Layout::of_file(whole(size).ok()?)
            .and_then(|layout| u32::try_from(layout.padded_bytes()).ok())
            .map(f64::from)
    }

    /// Refuses what the ledger would refuse of a message with files of these sizes, before any of them is brought. Without a ticket it
    /// is a new one.
    ///
    /// # Errors
    /// Why the message would be refused, or cannot be judged.
    #[wasm_bindgen(js_name = checkFiles)]
    pub async fn check_files(
        &self,
        me: &Identity,
        ticket: Option<String>,
        internal: bool,
        sizes: Vec<f64>,
    ) -> Result<(), JsValue> {
        let to = match ticket {
            None => Attaching::Ticket,
            Some(ticket) => Attaching::Response { ticket: ticket_id(&ticket)?, internal },
        };
        let sizes = sizes.into_iter().map(whole).collect::<Result<Vec<_>, _>>()?;
        self.0.check_files(me.actor(), to, &sizes).await.map_err(|error| of_client(&error))
    }

    /// The header `authorization` with which the node takes a piece: within an hour, from this person.
    ///
    /// # Errors
    /// Where the account cannot sign.
    #[wasm_bindgen(js_name = signUpload)]
    pub async fn sign_upload(
        &self,
        me: &Identity,
        piece: &SealedPiece,
        bytes: usize,
    ) -> Result<String, JsValue> {
        self.0.sign_upload(me.actor(), &piece.hash, bytes).await.map_err(|error| of_client(&error))
    }

    /// Writes a ticket with files, which the node has already.
    ///
    /// # Errors
    /// As [`Desk::create_ticket`].
    #[wasm_bindgen(js_name = createTicketWith, unchecked_return_type = "import(\"../views.js\").Done")]
    pub async fn create_ticket_with(
        &self,
        me: &Identity,
        #[wasm_bindgen(unchecked_param_type = "import(\"../views.js\").NewTicket")] ticket: JsValue,
        files: &Attachments,
    ) -> Result<JsValue, JsValue> {
        self.check_agreed()?;
        let written: Written = from_js(&ticket)?;
        let mut ticket = written.into_ticket()?;
        files.0.iter().cloned().for_each(|file| ticket.attach(file));
        done(self.0.create_ticket(me.actor(), &ticket).await)
    }

    /// The files of a ticket.
    ///
    /// # Errors
    /// As [`Desk::read`].
    pub async fn files(&self, me: &Identity, ticket: String) -> Result<TicketFiles, JsValue> {
        let found = self.0.files(me.actor(), ticket_id(&ticket)?).await;
        found.map(TicketFiles).map_err(|error| of_client(&error))
    }
}

/// A number of bytes as JavaScript has it.
fn whole(size: f64) -> Result<u64, JsValue> {
    if size.fract() == 0.0 && (0.0..=9_007_199_254_740_991.0).contains(&size) {
        // Checked: a whole number that both can hold.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is whole, not negative, and below 2^53"
        )]
        return Ok(size as u64);
    }
    Err(failed(&"a size is a whole number of bytes"))
}

fn hex(hash: &[u8; 32]) -> String {
    use std::fmt::Write as _;
    hash.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
