//! The desk book: what the staff call people, as a document of the staff's shelf.
//!
//! It is `staff/admin.desk-book`, which administrators alone write: whoever names people decides whom a colleague lets in who types a
//! name. Its entries stand by address, `{"name": "Carol"}` each, so that two administrators' changes merge one by one; other fields of
//! an entry belong to other programs and stay as they are.

use sealdesk_protocol::document::{DocumentName, DocumentPlace, Shelf};
use sealdesk_protocol::ids::Address;
use serde_json::{Map, Value, json};

use super::ContactName;
use crate::actor::Actor;
use crate::desk::Desk;
use crate::documents::{DocumentContent, set, values};
use crate::error::Result;
use crate::node::Transport;
use crate::outcome::Outcome;

/// The name of the document on the staff's shelf.
pub const DESK_BOOK: &str = "admin.desk-book";
/// Most names that are taken from a desk book, the first by address.
pub const BOOK_ENTRIES_MAX: usize = 1_024;

/// One name of the desk book.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BookEntry {
    /// Whose.
    pub address: Address,
    /// What they are called.
    pub name: ContactName,
}

impl<T: Transport> Desk<T> {
    /// The names of the desk book, for whoever of the staff can open it; `None` where there is none for them, or where its author is not
    /// in the circle by its own votes. What is not an address with a name is left out.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn desk_book(&self, me: &Actor) -> Result<Option<Vec<BookEntry>>> {
        let Some(place) = place() else { return Ok(None) };
        let Some(read) = self.document(Some(me), &place).await? else { return Ok(None) };
        let author = Address::parse(self.prefix(), &read.info.updated_by).ok();
        let Some(content) = read.content() else { return Ok(None) };
        if !read.warnings.is_empty()
            || !matches!(author, Some(author) if self.circle().await?.contains(&author))
        {
            return Ok(None);
        }
        let entries = values(content).into_iter().filter_map(|(address, value)| {
            let address = Address::parse(self.prefix(), &address).ok()?;
            Some(BookEntry { address, name: ContactName::parse(value.get("name")?.as_str()?).ok()? })
        });
        Ok(Some(entries.take(BOOK_ENTRIES_MAX).collect()))
    }

    /// Writes into the desk book what somebody is called; `None` takes their name out.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn name_in_desk_book(
        &self,
        me: &Actor,
        address: &Address,
        name: Option<&ContactName>,
    ) -> Result<Option<Outcome>> {
        let Some(place) = place() else { return Ok(None) };
        let read = self.document(Some(me), &place).await?;
        let mut content =
            read.as_ref().and_then(|read| read.content()).cloned().unwrap_or_else(DocumentContent::new);
        if name.is_none() && !values(&content).contains_key(address.as_str()) {
            return Ok(None);
        }
        let value = entry(values(&content).remove(address.as_str()), name);
        set(&mut content, address.as_str(), value, self.now_millis());
        self.put_document(me, &place, &content).await.map(Some)
    }
}

/// An entry with another name; nothing of what other programs keep in it is lost.
fn entry(stands: Option<Value>, name: Option<&ContactName>) -> Value {
    let Some(name) = name else { return Value::Null };
    let mut fields: Map<String, Value> =
        stands.and_then(|value| value.as_object().cloned()).unwrap_or_default();
    fields.insert("name".to_owned(), json!(name.as_str()));
    Value::Object(fields)
}

fn place() -> Option<DocumentPlace> {
    DocumentName::parse(DESK_BOOK).ok().map(|name| DocumentPlace { shelf: Shelf::Staff, name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_name_keeps_what_other_programs_wrote_beside_it() {
        let name = ContactName::parse("Carol").unwrap();
        let stands = json!({ "name": "caro", "photo": "x" });
        assert_eq!(entry(Some(stands), Some(&name)), json!({ "name": "Carol", "photo": "x" }));
        assert_eq!(entry(None, Some(&name)), json!({ "name": "Carol" }));
        assert_eq!(entry(Some(json!("nonsense")), Some(&name)), json!({ "name": "Carol" }));
        assert_eq!(entry(Some(json!({ "name": "caro" })), None), Value::Null);
        assert!(place().is_some_and(|place| place.name.is_for_administrators()));
    }
}
