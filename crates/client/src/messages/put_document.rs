//! `MsgPutDocument`: a document is written, merged with what others wrote, or removed.

use sealdesk_envelope::content::DocumentContent;
use sealdesk_protocol::document::{DocumentName, DocumentPlace, Shelf, ShelfKind, check_public_body};
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::virtengine::support::v1::MsgPutDocument;

use crate::actor::Actor;
use crate::compose::{ComposeError, Readers, TxBuilder};
use crate::desk::{Desk, Registering};
use crate::documents::{DocumentBody, NewContent, Renewed, merge};
use crate::error::Result;
use crate::node::Transport;
use crate::outcome::Outcome;
use crate::sla;
use crate::trust::Person;

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
        mut builder: TxBuilder,
    ) -> Result<TxBuilder> {
        let (base, merged) = match self.document(Some(actor), place).await? {
            None => (0, content.clone()),
            Some(read) => match read.body {
                DocumentBody::Sealed(stands) => (read.info.version, merge(content, &stands)),
                _ => return Err(ComposeError::CannotMerge(place.to_string()).into()),
            },
        };
        let (readers, params) = match place.shelf.kind() {
            ShelfKind::Staff => {
                let staff = self.staff().await?;
                self.name_staff(&staff.people, &staff.unbelieved, builder.sender());
                (staff.readers(&builder)?, staff.params)
            }
            ShelfKind::Own | ShelfKind::Public => self.own_readers(&builder).await?,
        };
        let sealing =
            NewContent { place, base_version: base, content: &merged, readers: &readers, params: &params };
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
    /// left when nobody could do it.
    ///
    /// # Errors
    /// [`crate::Error`]. What was done until then stays done.
    pub async fn renew_documents(&self, actor: &Actor) -> Result<Renewed> {
        self.renew_staff_documents(actor, &[]).await
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
