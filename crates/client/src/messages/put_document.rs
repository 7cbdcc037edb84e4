//! `MsgPutDocument`: a document is written, merged with what others wrote, or removed.

use sealdesk_envelope::content::DocumentContent;
use sealdesk_protocol::document::{DocumentName, DocumentPlace, Shelf, ShelfKind, check_public_body};
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::virtengine::support::v1::MsgPutDocument;
use serde_json::Value;

use crate::actor::Actor;
use crate::compose::{ComposeError, Readers, TxBuilder};
use crate::desk::{Desk, Registering};
use crate::documents::{DocumentBody, NewContent, Renewed, merge, set};
use crate::error::Result;
use crate::node::Transport;
use crate::outcome::Outcome;
use crate::sla;
use crate::trust::Person;

/// A change of one entry of a document.
#[derive(Clone)]
pub struct EntryEdit {
    /// Which entry.
    pub name: String,
    /// What its writer has read there, `null` for nothing; `None` where it is written whatever stands there.
    pub read: Option<Value>,
    /// What is to stand there; `null` removes it.
    pub value: Value,
}

impl EntryEdit {
    fn apply(
        &self,
        content: &mut DocumentContent,
        place: &DocumentPlace,
        now: i64,
    ) -> std::result::Result<(), ComposeError> {
        let stands = content.entries.get(&self.name).map_or(&Value::Null, |entry| &entry.value);
        if self.read.as_ref().is_some_and(|read| read != stands && self.value != *stands) {
            return Err(ComposeError::EntryChanged(place.to_string()));
        }
        set(content, &self.name, self.value.clone(), now);
        Ok(())
    }
}

impl<T: Transport> Desk<T> {
    /// Writes a sealed document, on the own shelf or on the staff's. What stands there is merged into it entry by entry, each time anew
    /// where somebody else writes meanwhile: nothing of either is lost.
    ///
    /// # Errors
    /// [`crate::Error`]; [`ComposeError::CannotMerge`] where what stands there cannot be opened.
    pub async fn put_document(
        &self,
        actor: &Actor,
        place: &DocumentPlace,
        content: &DocumentContent,
    ) -> Result<Outcome> {
        self.send(actor, Registering::IfNeeded, |builder| self.fill_document(actor, place, content, builder))
            .await
    }

    async fn fill_document(
        &self,
        actor: &Actor,
        place: &DocumentPlace,
        content: &DocumentContent,
        builder: TxBuilder,
    ) -> Result<TxBuilder> {
        let (base, stands) = self.document_to_change(actor, place).await?;
        let merged = stands.map_or_else(|| content.clone(), |stands| merge(content, &stands));
        self.seal_document(place, base, &merged, builder).await
    }

    /// Changes entries of a sealed document, on the own shelf or on the staff's. Each edit says what its writer has read in its place: where
    /// somebody else changed that meanwhile, nothing is written, and neither loses anything.
    ///
    /// # Errors
    /// [`crate::Error`]; [`ComposeError::EntryChanged`], and [`ComposeError::CannotMerge`] where what stands there cannot be opened.
    pub async fn edit_document(
        &self,
        actor: &Actor,
        place: &DocumentPlace,
        edits: &[EntryEdit],
    ) -> Result<Outcome> {
        self.send(actor, Registering::IfNeeded, |builder| async move {
            let (base, stands) = self.document_to_change(actor, place).await?;
            let mut content = stands.unwrap_or_else(DocumentContent::new);
            for edit in edits {
                edit.apply(&mut content, place, self.now_millis())?;
            }
            self.seal_document(place, base, &content, builder).await
        })
        .await
    }

    /// The version that stands at a place, and what is in it; 0 and nothing where there is none.
    async fn document_to_change(
        &self,
        actor: &Actor,
        place: &DocumentPlace,
    ) -> Result<(u64, Option<DocumentContent>)> {
        match self.document(Some(actor), place).await? {
            None => Ok((0, None)),
            Some(read) => match read.body {
                DocumentBody::Sealed(stands) => Ok((read.info.version, Some(stands))),
                _ => Err(ComposeError::CannotMerge(place.to_string()).into()),
            },
        }
    }

    async fn seal_document(
        &self,
        place: &DocumentPlace,
        base: u64,
        content: &DocumentContent,
        mut builder: TxBuilder,
    ) -> Result<TxBuilder> {
        let (readers, params) = match place.shelf.kind() {
            ShelfKind::Staff => {
                let staff = self.staff().await?;
                self.name_staff(&mut builder, &staff.people, &staff.unbelieved);
                (staff.readers(&builder)?, staff.params)
            }
            ShelfKind::Own | ShelfKind::Public => self.own_readers(&builder).await?,
        };
        let sealing = NewContent { place, base_version: base, content, readers: &readers, params: &params };
        let message = self.sealed_document(&builder, sealing)?;
        builder.push(&message);
        Ok(builder)
    }

    /// The writer's own keys, and nobody else's.
    async fn own_readers(&self, builder: &TxBuilder) -> Result<(Readers, sealdesk_protocol::params::Params)> {
        let own = builder.sender();
        let facts = self.records(vec![tree::keys(own), tree::PARAMS.to_vec()]).await?;
        self.check_age(&facts)?;
        let person = Person::verified(self.chain(), own, &facts.keys(own)?);
        let params = facts.params()?;
        let max = usize::try_from(params.max_recipients).unwrap_or(usize::MAX);
        let readers = Readers::within(&[builder.with_own_key(person).active_keys()], &[], max)?;
        Ok((readers, params))
    }

    /// Writes a public document over the version that the writer has read; 0 = there was none. Where another stands there by now it is
    /// refused: plain JSON is not merged.
    ///
    /// # Errors
    /// [`crate::Error`]; [`ComposeError::Document`] for what is not one JSON object of at most 16,384 bytes, [`ComposeError::ServiceDocument`]
    /// for service levels or office hours that cannot be read,
    /// [`ComposeError::DocumentChanged`].
    pub async fn publish_document(
        &self,
        actor: &Actor,
        name: &DocumentName,
        base: u64,
        body: &[u8],
    ) -> Result<Outcome> {
        check_public_body(body).map_err(|error| ComposeError::Document(error.to_string()))?;
        sla::check_document(name, body).map_err(ComposeError::from)?;
        let place = DocumentPlace { shelf: Shelf::Public, name: name.clone() };
        self.send(actor, Registering::IfNeeded, |mut builder| {
            let place = place.clone();
            async move {
                self.check_version(&place, base).await?;
                builder.push(&MsgPutDocument { body: body.to_vec(), ..blank(&builder, &place, base) });
                Ok(builder)
            }
        })
        .await
    }

    /// Removes a document of this version.
    ///
    /// # Errors
    /// [`crate::Error`]; [`ComposeError::DocumentChanged`] where another stands there by now.
    pub async fn remove_document(
        &self,
        actor: &Actor,
        place: &DocumentPlace,
        version: u64,
    ) -> Result<Outcome> {
        self.send(actor, Registering::IfNeeded, |mut builder| async move {
            self.check_version(place, version).await?;
            builder.push(&MsgPutDocument { remove: true, ..blank(&builder, place, version) });
            Ok(builder)
        })
        .await
    }

    /// Refuses to write over what the writer has not read.
    async fn check_version(&self, place: &DocumentPlace, base: u64) -> Result<()> {
        let found = self.records(vec![tree::document(place)]).await?.document(place)?;
        let found = found.map_or(0, |head| head.version);
        if found == base {
            return Ok(());
        }
        Err(ComposeError::DocumentChanged { document: place.to_string(), expected: base, found }.into())
    }

    /// Seals all documents of the staff anew for the staff as it is: for an agent who has registered a key since, or without somebody who
    /// left when nobody could do it. Which of them the ledger does not prove to be is told apart.
    ///
    /// # Errors
    /// [`crate::Error`]. What was done until then stays done.
    pub async fn renew_documents(&self, actor: &Actor) -> Result<Renewed> {
        let mut all = Renewed::default();
        self.renew_staff_documents(actor, &mut all).await?;
        Ok(all)
    }
}

fn blank(builder: &TxBuilder, place: &DocumentPlace, base_version: u64) -> MsgPutDocument {
    MsgPutDocument {
        sender: builder.sender().to_string(),
        shelf: place.shelf.kind().name().to_owned(),
        name: place.name.to_string(),
        base_version,
        ..MsgPutDocument::default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn edit(read: Option<Value>, value: Value) -> EntryEdit {
        EntryEdit { name: "hello".to_owned(), read, value }
    }

    #[test]
    fn an_entry_that_somebody_else_changed_is_not_written_over() {
        let place = DocumentPlace { shelf: Shelf::Staff, name: DocumentName::parse("replies").unwrap() };
        let mut content = DocumentContent::new();
        edit(Some(Value::Null), json!("Hello!")).apply(&mut content, &place, 10).unwrap();
        edit(Some(json!("Hello!")), json!("Hi!")).apply(&mut content, &place, 20).unwrap();
        let late = edit(Some(json!("Hello!")), json!("Good day!"));
        assert!(matches!(late.apply(&mut content, &place, 30), Err(ComposeError::EntryChanged(_))));
        assert_eq!(content.entries["hello"].value, json!("Hi!"));
        edit(Some(json!("Hello!")), json!("Hi!")).apply(&mut content, &place, 30).unwrap();
        edit(None, json!("Good day!")).apply(&mut content, &place, 40).unwrap();
        assert_eq!(content.entries["hello"].value, json!("Good day!"));
    }
}
