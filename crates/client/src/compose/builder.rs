//! The messages of one transaction, gathered in order, each envelope sealed for the place where it comes to stand.

use prost_types::Any;
use rand_core::TryCryptoRng;
use sealdesk_envelope::{AccountSecret, Message, Signers, seal};
use sealdesk_protocol::adr36;
use sealdesk_protocol::document::DocumentPlace;
use sealdesk_protocol::envelope::{ALGORITHM_ID, Context, EnvelopeLimits, Kind};
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::keys::{ACCOUNT_KEY_BYTES, PUBLIC_KEY_BYTES, SIGNATURE_BYTES};
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::ownership::Ownership;
use sealdesk_protocol::params::Params;
use sealdesk_protocol::wire::virtengine::encryption::v1::{
    MsgRegisterRecipientKey, MultiRecipientEnvelope, RecipientKeyRecord,
};

use super::{CLIENT_ID, ComposeError, Person, Readers};
use crate::actor::{Actor, Pair};
use crate::notes::Named;
use crate::verify::{Chain, Proven};

/// The sender's own pair of keys, and whether the directory has it yet.
pub enum OwnKey {
    /// Active in the directory.
    Registered(Pair),
    /// To be registered by this transaction's first message.
    New(Pair),
}

impl OwnKey {
    /// The newest active pair of ours in the directory, else the next one to register.
    ///
    /// # Errors
    /// [`ComposeError::Identity`].
    pub fn find(actor: &Actor, listed: &[RecipientKeyRecord]) -> Result<Self, ComposeError> {
        let ours = actor.registered(listed)?.into_iter();
        let active = ours.filter(|(_, place)| listed.get(*place).is_some_and(|r| r.revoked_at == 0));
        match active.max_by_key(|(_, place)| *place) {
            Some((pair, _)) => Ok(Self::Registered(pair)),
            None => Ok(Self::New(actor.next_pair(listed)?)),
        }
    }

    /// The pair.
    pub fn pair(&self) -> &Pair {
        match self {
            Self::Registered(pair) | Self::New(pair) => pair,
        }
    }
}

/// What is to be sealed: for which place, and for whom.
pub struct Content<'a> {
    /// The place, of [`TxBuilder::context`].
    pub context: &'a Context,
    /// What only the readers see.
    pub plaintext: &'a [u8],
    /// Who they are.
    pub readers: &'a Readers,
}

/// The messages of one transaction of one sender.
pub struct TxBuilder {
    chain: Chain,
    sender: Address,
    sequence: u64,
    own: Option<OwnKey>,
    messages: Vec<Any>,
    memo: String,
    timeout: Option<i64>,
    last_height: Option<u64>,
    /// What was proven for it by now, so that it is not asked for again.
    facts: Option<Proven>,
    /// Whom it is sealed for or lets in by now.
    readers: Named,
}

impl TxBuilder {
    /// Begins a transaction. Where the directory has no active key of the sender's, its first message registers one, which the
    /// account signs.
    ///
    /// # Errors
    /// [`ComposeError::Signing`].
    pub fn new(
        chain: &Chain,
        sender: Address,
        sequence: u64,
        own: OwnKey,
        account: &AccountSecret,
    ) -> Result<Self, ComposeError> {
        let mut builder = Self::plain(chain, sender, sequence, own);
        if let Some(registration) = builder.registration() {
            let message = registration.sign(account)?;
            builder.push(&message);
        }
        Ok(builder)
    }

    /// Has the first message register the sender's key, where the directory has none, as [`TxBuilder::new`] does; a wallet may sign that.
    ///
    /// # Errors
    /// [`ComposeError::Wallet`].
    pub(crate) async fn registering_by(mut self, actor: &Actor) -> Result<Self, ComposeError> {
        if let Some(registration) = self.registration() {
            let message = registration.sign_by(actor).await?;
            self.push(&message);
        }
        Ok(self)
    }

    /// The registration of the sender's key, where the directory has none.
    fn registration(&self) -> Option<Registration<'_>> {
        let Some(OwnKey::New(pair)) = &self.own else { return None };
        Some(Registration { chain: &self.chain, address: &self.sender, pair, label: "" })
    }

    /// Begins a transaction that registers nothing by itself.
    pub fn plain(chain: &Chain, sender: Address, sequence: u64, own: OwnKey) -> Self {
        Self { own: Some(own), ..Self::without_keys(chain, sender, sequence) }
    }

    /// Begins a transaction of an account whose keys are elsewhere. Nothing can be sealed in it.
    pub fn without_keys(chain: &Chain, sender: Address, sequence: u64) -> Self {
        let (messages, memo) = (Vec::new(), String::new());
        Self {
            chain: chain.clone(),
            sender,
            sequence,
            own: None,
            messages,
            memo,
            timeout: None,
            last_height: None,
            facts: None,
            readers: Named::default(),
        }
    }

    /// The last second of a block that may hold it, in Unix seconds.
    #[must_use]
    pub fn with_timeout(self, timeout: i64) -> Self {
        Self { timeout: Some(timeout), ..self }
    }

    /// The last block that may hold it, by its height: what wallets know of time.
    #[must_use]
    pub(crate) fn with_last_height(self, height: u64) -> Self {
        Self { last_height: Some(height), ..self }
    }

    /// The height of the last block that may hold it; `None` = any.
    pub(crate) fn last_height(&self) -> Option<u64> {
        self.last_height
    }

    /// Keeps what was proven for it.
    #[must_use]
    pub(crate) fn with_facts(self, facts: Proven) -> Self {
        Self { facts: Some(facts), ..self }
    }

    /// What was proven for it by now.
    pub(crate) fn facts(&self) -> Option<&Proven> {
        self.facts.as_ref()
    }

    /// Whom it is sealed for or lets in by now.
    pub(crate) fn readers(&self) -> &Named {
        &self.readers
    }

    /// As [`TxBuilder::readers`], to add to.
    pub(crate) fn readers_mut(&mut self) -> &mut Named {
        &mut self.readers
    }

    /// The last second of a block that may hold it; `None` = any.
    pub fn timeout(&self) -> Option<i64> {
        self.timeout
    }

    /// Puts a note beside the messages. Public, at most 256 bytes.
    #[must_use]
    pub fn with_memo(self, memo: &str) -> Self {
        Self { memo: memo.to_owned(), ..self }
    }

    /// The note beside the messages; public.
    pub fn memo(&self) -> &str {
        &self.memo
    }

    /// Who signs.
    pub fn sender(&self) -> &Address {
        &self.sender
    }

    /// The sequence that it will be signed with.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The sender's own keys.
    ///
    /// # Errors
    /// [`ComposeError::KeysElsewhere`].
    pub fn own(&self) -> Result<&Pair, ComposeError> {
        let own = self.own.as_ref().map(OwnKey::pair);
        own.ok_or_else(|| ComposeError::KeysElsewhere(self.sender.clone()))
    }

    /// True if the first message registers the sender's key.
    pub fn registers(&self) -> bool {
        matches!(self.own, Some(OwnKey::New(_)))
    }

    /// Adds a message.
    pub fn push<M: prost::Message + prost::Name>(&mut self, message: &M) {
        self.messages.push(to_any(message));
    }

    /// The messages so far.
    pub fn messages(&self) -> &[Any] {
        &self.messages
    }

    /// The sender as a reader: with the key that this transaction registers, which no fact can show yet.
    #[must_use]
    pub fn with_own_key(&self, person: Person) -> Person {
        match &self.own {
            Some(OwnKey::New(pair)) if person.address == self.sender => person.with_pair(pair),
            Some(OwnKey::New(_) | OwnKey::Registered(_)) | None => person,
        }
    }

    /// The context of an envelope in the next message.
    pub fn context(&self, kind: Kind, ticket: Option<TicketId>) -> Context {
        Context {
            chain_id: self.chain.chain_id.to_string(),
            ticket_id: ticket.map(|id| id.to_string()).unwrap_or_default(),
            kind,
            sender: self.sender.to_string(),
            sequence: self.sequence,
            index: u32::try_from(self.messages.len()).unwrap_or(u32::MAX),
        }
    }

    /// The context of a document's envelope in the next message.
    pub fn document_context(&self, place: &DocumentPlace) -> Context {
        Context { ticket_id: place.to_string(), ..self.context(Kind::Document, None) }
    }

    /// As [`TxBuilder::seal`], of a document: the staff's may have more readers.
    ///
    /// # Errors
    /// [`ComposeError::Seal`].
    pub fn seal_document<R: TryCryptoRng + ?Sized>(
        &self,
        content: &Content<'_>,
        params: &Params,
        rng: &mut R,
    ) -> Result<MultiRecipientEnvelope, ComposeError> {
        let recipients_max = EnvelopeLimits::WIDEST_DOCUMENT.recipients_max;
        self.seal_within(content, EnvelopeLimits { recipients_max, ..limits(params) }, rng)
    }

    /// Seals for the next message: it has to be pushed before anything else is.
    ///
    /// # Errors
    /// [`ComposeError::Seal`].
    pub fn seal<R: TryCryptoRng + ?Sized>(
        &self,
        content: &Content<'_>,
        params: &Params,
        rng: &mut R,
    ) -> Result<MultiRecipientEnvelope, ComposeError> {
        self.seal_within(content, limits(params), rng)
    }

    fn seal_within<R: TryCryptoRng + ?Sized>(
        &self,
        content: &Content<'_>,
        limits: EnvelopeLimits,
        rng: &mut R,
    ) -> Result<MultiRecipientEnvelope, ComposeError> {
        let message = Message {
            context: content.context,
            plaintext: content.plaintext,
            readers: content.readers.keys(),
            client_id: CLIENT_ID,
            limits,
        };
        let signers = Signers { signing: &self.own()?.signing, account: None };
        Ok(seal(&message, &signers, rng)?.to_wire())
    }
}

/// The parameters' bounds, as sealing takes them.
fn limits(params: &Params) -> EnvelopeLimits {
    EnvelopeLimits {
        envelope_bytes_max: usize::try_from(params.max_envelope_bytes).unwrap_or(usize::MAX),
        recipients_max: usize::try_from(params.max_recipients).unwrap_or(usize::MAX),
    }
}

/// The registration of a pair of an account's; its label is public.
pub(crate) struct Registration<'a> {
    pub(crate) chain: &'a Chain,
    pub(crate) address: &'a Address,
    pub(crate) pair: &'a Pair,
    pub(crate) label: &'a str,
}

impl Registration<'_> {
    /// It, signed by a key that is at hand.
    ///
    /// # Errors
    /// [`ComposeError::Signing`].
    pub(crate) fn sign(&self, account: &AccountSecret) -> Result<MsgRegisterRecipientKey, ComposeError> {
        let signature = sign_text(account, self.address, &self.text())?;
        Ok(self.signed(&account.public_key(), signature))
    }

    /// It, signed by whoever signs for this person's account.
    ///
    /// # Errors
    /// [`ComposeError::Signing`] or [`ComposeError::Wallet`].
    pub(crate) async fn sign_by(&self, actor: &Actor) -> Result<MsgRegisterRecipientKey, ComposeError> {
        let signature = actor.sign_text(self.address, &self.text()).await?;
        Ok(self.signed(actor.public_key(), signature))
    }

    /// What the account signs.
    fn text(&self) -> String {
        let identity = self.chain.identity();
        let (ledger, account) = (&self.chain.chain_id, self.address);
        let (x25519, ed25519) = self.keys();
        Ownership { ledger, identity: &identity, account, x25519, ed25519 }.text()
    }

    fn keys(&self) -> (&[u8; PUBLIC_KEY_BYTES], &[u8; PUBLIC_KEY_BYTES]) {
        (self.pair.encryption.public().as_bytes(), self.pair.signing.public().as_bytes())
    }

    fn signed(
        &self,
        account_pub_key: &[u8; ACCOUNT_KEY_BYTES],
        account_signature: [u8; SIGNATURE_BYTES],
    ) -> MsgRegisterRecipientKey {
        let Self { chain, address, pair, label } = self;
        let (x25519, ed25519) = self.keys();
        let proof =
            pair.signing.key_proof(chain.chain_id.as_str(), address.as_str(), pair.encryption.public());
        MsgRegisterRecipientKey {
            sender: address.to_string(),
            public_key: x25519.to_vec(),
            algorithm_id: ALGORITHM_ID.to_owned(),
            label: (*label).to_owned(),
            signing_key: ed25519.to_vec(),
            proof: proof.to_vec(),
            account_pub_key: account_pub_key.to_vec(),
            account_signature: account_signature.to_vec(),
        }
    }
}

/// The account's ADR-36 signature over a text, as a wallet makes it.
///
/// # Errors
/// [`ComposeError::Signing`].
pub fn sign_text(
    account: &AccountSecret,
    address: &Address,
    text: &str,
) -> Result<[u8; SIGNATURE_BYTES], ComposeError> {
    Ok(account.sign_digest(&adr36::digest(address, text))?)
}
